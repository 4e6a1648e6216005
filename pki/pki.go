// Package pki turns PEM and DER into certificate facts: who a certificate names, whether it may sign, until when it holds, how
// deep the chains under a CA bundle go, and what is wrong with the text it came in. The inventory calls it for every Secret and
// ConfigMap it keeps facts of. It refuses to know Kubernetes, the clock (a time is an argument) and any private key: a key is
// compared with its certificate and dropped. Nothing here fails on odd input; odd input gives fewer facts and a Defect that says why.
package pki

import (
	"bytes"
	"encoding/hex"
	"sync"
)

const (
	// maxBytes bounds the text looked at. etcd refuses requests over 1.5 MiB and the API server refuses Secrets and ConfigMaps
	// over 1 MiB of data (k8s.io/api core/v1 MaxSecretSize), so only a file that could never be applied is cut here.
	maxBytes = 1 << 20
	// maxCertificates bounds the blocks each reader decodes, and so the certificates parsed, out of one text. Mozilla's root
	// store holds about 150; seven times as many is a mistake or an attack, and each costs a parse and a signature check
	// (about 0.1 ms).
	maxCertificates = 1024
	// maxDefects bounds the defects listed of one text: a megabyte of BEGIN lines would otherwise give 60 000 messages.
	maxDefects = 100
	// maxRSABits bounds the RSA keys a signature is checked with. The cost of a check grows with the square of the size, and a
	// megabyte of modulus would take minutes; crypto/tls draws the line at 8192 bits for the same reason (CVE-2023-29409).
	maxRSABits = 8192
)

// Verdict is what one reader makes of a whole text. The zero value is "cannot be told", never "fine".
type Verdict int

// The verdicts.
const (
	VerdictUnknown  Verdict = iota // beyond the limits of this package, or it depends on the reader's version
	VerdictRefused                 // the reader takes nothing from the text
	VerdictAccepted                // the reader takes what it finds, which may be less than what was meant
)

// String names the verdict as facts and messages write it.
func (v Verdict) String() string {
	switch v {
	case VerdictRefused:
		return "refused"
	case VerdictAccepted:
		return "accepted"
	case VerdictUnknown:
	}
	return "unknown"
}

// Bundle is what a PEM text holds: a CA bundle, a certificate with its chain, or neither. It is shared by all who parsed the same
// text: treat it as read-only.
type Bundle struct {
	// Hash is the lowercase hex sha256 of the text, the part beyond the limit included.
	Hash string
	// Certificates holds, in order, the CERTIFICATE blocks that both Go and OpenSSL read, and read alike, each block judged on
	// its own; a duplicate is listed once. A certificate only one of them sees is no ground to stand on: ingress-nginx needs
	// both (the controller decides whether the setting is in force, nginx then loads the file). The whole text may still be
	// refused for another block: see Go and OpenSSL.
	Certificates []*Certificate
	// Lines holds the line of the BEGIN marker of each of Certificates.
	Lines []int
	// Defects lists what is wrong with the text, by line.
	Defects []Defect
	// Go is the verdict of a Go reader as strict as ingress-nginx's controller (internal/net/ssl CheckCACert): pem.Decode until
	// it finds no more, every block of whatever type must parse as a certificate, and there must be one. Computed by doing so.
	Go Verdict
	// OpenSSL is the verdict of nginx's ssl_client_certificate: SSL_CTX_load_verify_locations, then SSL_load_client_CA_file.
	// Computed by a model of OpenSSL 3.0's PEM reader; unknown where it depends on what only OpenSSL's DER parser knows.
	OpenSSL Verdict
	// GoCertificates and OpenSSLCertificates count what each reader ends up with, duplicates included; 0 where it refuses.
	GoCertificates, OpenSSLCertificates int
	// Truncated says that a limit of this package was hit: what is missing above may be there.
	Truncated bool

	broken      bool // OpenSSL gives up at a block, whatever else the text holds
	unsure      bool // see reading.uncertain
	upstream    bool // OpenSSL finds at least one certificate of whatever kind, or a revocation list
	read, plain int  // certificates OpenSSL reads, and those of them that are no TRUSTED CERTIFICATE

	chains sync.Once // guards those below: depth is asked for seldom, and costs signature checks
	graph  *graph
	dist   []int
	shadow []int
}

// OpenSSLUpstream is the verdict of nginx's proxy_ssl_trusted_certificate, which is SSL_CTX_load_verify_locations alone: a TRUSTED
// CERTIFICATE or a revocation list will do. It differs from OpenSSL in nothing else.
func (b *Bundle) OpenSSLUpstream() Verdict { return b.verdict(b.upstream) }

func (b *Bundle) clientVerdict() Verdict { return b.verdict(b.plain > 0) }

func (b *Bundle) verdict(enough bool) Verdict {
	switch {
	case b.Truncated:
		return VerdictUnknown
	case b.broken, !enough:
		return VerdictRefused
	case b.unsure:
		return VerdictUnknown
	}
	return VerdictAccepted
}

// Parse reads a text without a cache. It is total: any input gives a Bundle.
func Parse(text []byte) *Bundle { return (*Cache)(nil).Parse(text) }

// parse reads a text whose hash is known.
func parse(text []byte, hash digest, intern func(der []byte) *Certificate) *Bundle {
	b := &Bundle{Hash: hex.EncodeToString(hash[:])}
	if len(text) > maxBytes {
		b.Truncated = true
		// Cut between lines, so that no marker is halved.
		text = text[:bytes.LastIndexByte(text[:maxBytes], '\n')+1]
	}
	found := scan(text)
	if b.Truncated {
		found.dropOpen()
	}
	inGo := readGo(text, intern)
	inOpenSSL := readOpenSSL(text, intern)
	b.broken, b.unsure = inOpenSSL.refused, inOpenSSL.uncertain
	b.read, b.plain, b.upstream = inOpenSSL.count, inOpenSSL.plain, inOpenSSL.count+inOpenSSL.lists > 0
	if b.plain == 0 {
		inOpenSSL.refuse(0) // SSL_load_client_CA_file wants one
	}
	b.Truncated = b.Truncated || inGo.cut || inOpenSSL.cut
	b.judge(found, inGo, inOpenSSL)
	b.settle(found, inGo, inOpenSSL)
	return b
}

// judge goes through the blocks of the text and sorts them into certificates and defects.
func (b *Bundle) judge(found *scanned, inGo, inOpenSSL reading) {
	first := make(map[string]int) // certificate hash -> line
	for _, blk := range found.blocks {
		if inGo.beyond(blk.to) || inOpenSSL.beyond(blk.to) {
			break
		}
		if blk.label != labelCertificate {
			found.add(foreign(blk))
			continue
		}
		inG, inO := inGo.endingAt(blk.to), inOpenSSL.endingAt(blk.to)
		switch {
		case inG == nil:
			found.add(malformed(blk, "the base64 inside the block is broken: Go skips the block, nginx refuses the file"))
		case inG.cert == nil:
			found.add(malformed(blk, "the block does not hold one X.509 certificate that Go can parse"))
		case inO == nil || !bytes.Equal(inG.der, inO.der):
			// The block before has no END line and runs into this one; said there, unless the reason is another.
			if found.covering(blk.from) == nil {
				found.add(malformed(blk, "OpenSSL does not read this block as Go does"))
			}
		case first[inG.cert.Hash] != 0:
			found.add(duplicate(blk, first[inG.cert.Hash]))
		default:
			first[inG.cert.Hash] = blk.from
			b.Certificates = append(b.Certificates, inG.cert)
			b.Lines = append(b.Lines, blk.from)
		}
	}
}

// settle writes down the verdicts and charges each refusal to the defect that caused it, so that a message can say at which
// line a reader gives up.
func (b *Bundle) settle(found *scanned, inGo, inOpenSSL reading) {
	if !b.Truncated {
		if len(b.Certificates) == 0 && len(found.defects) == 0 {
			found.add(Defect{Kind: NoCertificate, Line: 1, Message: "no certificate in here", from: 1, to: found.lines})
		}
		found.sort()
		if b.Go = inGo.verdict(); b.Go == VerdictRefused {
			found.charge(inGo.refusedAt).FailsGo = true
		}
		if b.OpenSSL = inOpenSSL.verdict(); b.OpenSSL == VerdictRefused {
			found.charge(inOpenSSL.refusedAt).FailsOpenSSL = true
		}
		b.GoCertificates, b.OpenSSLCertificates = inGo.certificates(), inOpenSSL.certificates()
	}
	found.sort()
	if len(found.defects) > maxDefects {
		found.defects, b.Truncated = found.defects[:maxDefects], true
	}
	b.Defects = found.defects
}
