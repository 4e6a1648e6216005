package pki

import "slices"

// Kind names what is wrong with a PEM text. The behaviour noted at each kind was measured on ingress-nginx 1.15 (Go's
// encoding/pem) and nginx 1.22 and 1.27 (OpenSSL 3.0); "refuses" is about the whole text. Two kinds of failure follow in
// ingress-nginx: where Go refuses, the host answers 403; where only nginx refuses, no Ingress of the controller reloads any more.
type Kind string

// The kinds.
const (
	// NoCertificate: nothing that looks like a certificate, and no other defect that explains it. Both refuse.
	NoCertificate Kind = "no-certificate"
	// TruncatedBlock: a BEGIN line without its END line, or the reverse. Go keeps what it has and ignores the rest; OpenSSL
	// refuses, or reads on into the next block and loses that one.
	TruncatedBlock Kind = "truncated"
	// IndentedMarker: a BEGIN or END line that does not start in the first column, as of a YAML block pasted with its
	// indentation. Neither sees the block. Indentation of the base64 alone is fine for both.
	IndentedMarker Kind = "indented"
	// GluedMarkers: a BEGIN or END marker that shares its line with other text: files concatenated without a final newline, or a
	// block folded into one line. Go skips the blocks on both sides; OpenSSL refuses.
	GluedMarkers Kind = "glued"
	// ForeignBlock: a block of another type, such as a request or DH parameters. Go refuses; OpenSSL ignores it.
	ForeignBlock Kind = "foreign-block"
	// TrustedCertificate: OpenSSL's own TRUSTED CERTIFICATE. Go refuses it if it carries trust settings and reads it if not;
	// nginx does not count it among the CAs it names, and refuses the file if there is no other.
	TrustedCertificate Kind = "trusted-certificate"
	// RevocationList: an X509 CRL. Go refuses; OpenSSL loads it. Its place is the key ca.crl.
	RevocationList Kind = "crl"
	// PrivateKey: a private key where certificates belong. Go refuses; OpenSSL reads over it. Everyone who may read the CA can
	// read the key.
	PrivateKey Kind = "private-key"
	// ByteOrderMark: the text, or a file pasted into it, starts with a UTF-8 byte order mark. Go misses the certificate that
	// follows; OpenSSL skips the mark.
	ByteOrderMark Kind = "byte-order-mark"
	// Binary: DER, PKCS#12 or a Java key store instead of PEM. Both refuse.
	Binary Kind = "binary"
	// EncodedTwice: the base64 of a PEM text, as of a value that was encoded before it was put under data. Both refuse.
	EncodedTwice Kind = "encoded-twice"
	// MalformedBlock: broken base64 (Go skips the block, OpenSSL refuses), no certificate inside (both refuse), an END line of
	// another type (as broken base64), or an empty line within (Go reads it, OpenSSL refuses).
	MalformedBlock Kind = "malformed"
	// BlockHeaders: RFC 1421 headers inside the block. The controller reads it, Go's own CertPool skips it, OpenSSL refuses.
	BlockHeaders Kind = "headers"
	// DuplicateCertificate: the same certificate again. Harmless to both.
	DuplicateCertificate Kind = "duplicate"
)

// Defect is one thing wrong with a PEM text. Message never quotes the text: what stands in the wrong place may be a key.
type Defect struct {
	Kind    Kind
	Line    int // in the text, from 1
	Message string
	// FailsGo and FailsOpenSSL mark the defect at which that reader gives up on the whole text. It stops there, so at most one
	// defect carries each mark, and mending it may uncover the next.
	FailsGo, FailsOpenSSL bool

	from, to int // the lines the defect accounts for
}

// keyLabels are the PEM types that hold private keys. Suffix matching would do, but an exact list keeps a made-up label out.
var keyLabels = []string{
	"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "OPENSSH PRIVATE KEY", "ANY PRIVATE KEY",
}

// knownLabels are the types named in a message; a label is input, and any other is not repeated.
var knownLabels = []string{
	"CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST", "PUBLIC KEY", "RSA PUBLIC KEY", "DH PARAMETERS", "EC PARAMETERS", "PKCS7", "CMS",
	labelOldCertificate,
}

const (
	labelCertificate    = "CERTIFICATE"
	labelOldCertificate = "X509 CERTIFICATE" // what SSLeay wrote; OpenSSL still reads it
	labelTrusted        = "TRUSTED CERTIFICATE"
	labelCRL            = "X509 CRL"
)

// foreign is the defect of a whole block that is no CERTIFICATE.
func foreign(blk block) Defect {
	d := Defect{Line: blk.from, from: blk.from, to: blk.to}
	switch {
	case blk.label == labelTrusted:
		d.Kind, d.Message = TrustedCertificate, "TRUSTED CERTIFICATE is OpenSSL's own form: write it as CERTIFICATE (openssl x509 without -trustout)"
	case blk.label == labelCRL:
		d.Kind, d.Message = RevocationList, "a revocation list stands among the certificates"
	case slices.Contains(keyLabels, blk.label):
		d.Kind, d.Message = PrivateKey, "a private key stands among the certificates"
	case slices.Contains(knownLabels, blk.label):
		d.Kind, d.Message = ForeignBlock, "a block of type "+blk.label+" stands among the certificates"
	default:
		d.Kind, d.Message = ForeignBlock, "a block that is no CERTIFICATE stands among the certificates"
	}
	return d
}

func malformed(blk block, message string) Defect {
	return Defect{Kind: MalformedBlock, Line: blk.from, Message: message, from: blk.from, to: blk.to}
}
