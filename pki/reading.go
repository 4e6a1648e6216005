package pki

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"slices"
)

// reading is what one program reads out of a text.
type reading struct {
	blocks    []readBlock
	refused   bool
	refusedAt int  // a line of the block the program gives up at; 0: none in particular
	uncertain bool // hangs on what the model does not know
	cut       bool // maxCertificates reached
	count     int  // certificates
	plain     int  // of these, in blocks that SSL_load_client_CA_file reads
	lists     int  // revocation lists
}

// readBlock is a block as a program decodes it; cert is nil where Go cannot parse it.
type readBlock struct {
	from, to int    // from only where OpenSSL reads
	label    string // likewise
	der      []byte
	cert     *Certificate
}

func (r *reading) refuse(line int) {
	if !r.refused {
		r.refused, r.refusedAt = true, line
	}
}

func (r *reading) verdict() Verdict {
	switch {
	case r.refused:
		return VerdictRefused
	case r.uncertain:
		return VerdictUnknown
	}
	return VerdictAccepted
}

func (r *reading) certificates() int {
	if r.refused {
		return 0
	}
	return r.count
}

// endingAt finds the block whose END line is given. Blocks are in order.
func (r *reading) endingAt(line int) *readBlock {
	i, ok := slices.BinarySearchFunc(r.blocks, line, func(b readBlock, line int) int { return b.to - line })
	if !ok {
		return nil
	}
	return &r.blocks[i]
}

// beyond says whether a line lies behind the limit at which reading was cut.
func (r *reading) beyond(line int) bool {
	return r.cut && line > r.blocks[len(r.blocks)-1].to
}

// readGo does what ingress-nginx's controller does with ca.crt (internal/net/ssl CheckCACert), only that it goes on after a block
// that is no certificate, to see the others too.
func readGo(text []byte, intern func([]byte) *Certificate) reading {
	var r reading
	line, at := 1, 0
	for rest := text; ; {
		var blk *pem.Block
		if blk, rest = pem.Decode(rest); blk == nil {
			break
		}
		if len(r.blocks) == maxCertificates {
			r.cut = true
			break
		}
		// rest starts behind the line break of the END line, or is empty where there is none.
		end := len(text) - len(rest)
		line, at = line+bytes.Count(text[at:end], []byte{'\n'}), end
		to := line
		if end > 0 && text[end-1] == '\n' {
			to--
		}
		cert := intern(blk.Bytes)
		r.blocks = append(r.blocks, readBlock{to: to, der: blk.Bytes, cert: cert})
		if cert != nil {
			r.count++
			continue
		}
		r.refuse(to)
		if blk.Type != labelCertificate {
			clear(blk.Bytes) // it may be a key
		}
	}
	if r.count == 0 {
		r.refuse(0)
	}
	return r
}

// readOpenSSL models PEM_read_bio of OpenSSL 3.0 (crypto/pem/pem_lib.c) in the loop of PEM_X509_INFO_read_bio, with which nginx loads
// CA files and revocation lists. What must be in there at least depends on the directive and is the caller's to judge. Like
// readGo it goes on after the block OpenSSL gives up at. Compared with libssl 3.0.19 on 24 000 mutilated texts it differed in 16, all of them a bit flipped
// inside the DER of a key or certificate that Go's parser lets pass.
func readOpenSSL(text []byte, intern func([]byte) *Certificate) reading {
	// OpenSSL reads C strings: a NUL ends a line for it, but where depends on the kind of BIO.
	r := reading{uncertain: bytes.IndexByte(text, 0) >= 0}
	in := lines{text: text, number: 1}
	for {
		label, from, ok := in.beginLine()
		if !ok {
			break
		}
		if len(r.blocks) == maxCertificates {
			r.cut = true
			break
		}
		header, der, ok := in.block(label)
		if !ok {
			r.refuse(from)
			continue
		}
		r.blocks = append(r.blocks, readBlock{from: from, to: in.last, label: label, der: der})
		got, sure := loads(label, header, der, intern)
		r.uncertain = r.uncertain || !sure
		switch {
		case !got:
			r.refuse(from)
		case label == labelCertificate, label == labelOldCertificate:
			r.plain++
			r.count++
		case label == labelTrusted:
			r.count++
		case label == labelCRL:
			r.lists++
		default:
			clear(der) // it may be a key
		}
	}
	return r
}

// loads says whether OpenSSL gets over a decoded block, and whether that is sure.
func loads(label string, header bool, der []byte, intern func([]byte) *Certificate) (got, sure bool) {
	typed := label == labelCertificate || label == labelOldCertificate || label == labelTrusted || label == labelCRL
	key := slices.Contains(keyLabels, label)
	switch {
	case !typed && !key:
		return true, true // a type it does not know is not looked into
	case key:
		// It is parsed too, and a broken one refuses the file. Which types are known differs with the version.
		return true, !header && publicHalf(der) != nil
	case header:
		return false, true // only Proc-Type may stand there ("not proc type")
	}
	element := firstElement(der)
	if element == nil {
		return false, true
	}
	if label == labelCRL {
		_, err := x509.ParseRevocationList(element)
		return true, err == nil
	}
	// d2i_X509 ignores what follows the certificate, where Go does not; TRUSTED CERTIFICATE has its settings there. What Go
	// cannot parse (a curve it lacks, a negative serial number) OpenSSL may.
	return true, intern(element) != nil && (label != labelTrusted || len(element) == len(der))
}

// firstElement returns the ASN.1 SEQUENCE that the bytes start with, nil where there is none or it is cut short.
func firstElement(der []byte) []byte {
	if len(der) < 2 || der[0] != 0x30 {
		return nil
	}
	size, head := int(der[1]), 2
	if size >= 0x80 {
		octets := size - 0x80
		if octets == 0 || octets > 3 || len(der) < 2+octets {
			return nil // indefinite, or larger than any text we look at
		}
		size, head = 0, 2+octets
		for _, b := range der[2:head] {
			size = size<<8 | int(b)
		}
	}
	if len(der)-head < size {
		return nil
	}
	return der[:head+size]
}

// lines reads like BIO_gets into OpenSSL's buffer of 255 bytes: a line, or the next 254 bytes of it.
type lines struct {
	text   []byte
	at     int
	number int // of the line that the next piece belongs to
	last   int // of the line that the last piece belongs to
}

// opensslPiece is LINESIZE-1 of crypto/pem/pem_lib.c.
const opensslPiece = 254

// next returns a piece without its trailing white space, and whether it stopped short of the end of its line.
func (l *lines) next() (piece []byte, partial, ok bool) {
	rest := l.text[l.at:]
	if len(rest) == 0 {
		return nil, false, false
	}
	size := min(len(rest), opensslPiece)
	end := bytes.IndexByte(rest[:size], '\n')
	if end >= 0 {
		size = end + 1
	}
	l.at += size
	l.last = l.number
	if end >= 0 {
		l.number++
	}
	// PEM_FLAG_EAY_COMPATIBLE: everything up to the space counts as white space at the end of a line.
	return bytes.TrimRightFunc(rest[:size], func(r rune) bool { return r <= ' ' }), end < 0 && size == opensslPiece, true
}

// beginLine looks for the next BEGIN line (get_name). Only the first line it looks at may carry a byte order mark.
func (l *lines) beginLine() (label string, line int, ok bool) {
	for first := true; ; first = false {
		piece, _, ok := l.next()
		if !ok {
			return "", 0, false
		}
		if first {
			piece = bytes.TrimPrefix(piece, bom)
		}
		if bytes.HasPrefix(piece, markerBegin) && bytes.HasSuffix(piece, dashes) {
			return string(piece[len(markerBegin) : len(piece)-len(dashes)]), l.last, true
		}
	}
}

// block reads up to the END line (get_header_and_data) and decodes the base64 in between. A colon makes a header of a line; an
// empty line ends the header, and what follows it must be lines of 64 but for the last.
func (l *lines) block(label string) (header bool, der []byte, ok bool) {
	const (
		maybeHeader = iota
		inHeader
		postHeader
	)
	var before, after []byte // what stands before and behind the empty line
	state, short, partial := maybeHeader, false, false
	for {
		piece, cutShort, more := l.next()
		if !more {
			return false, nil, false
		}
		wasPartial := partial
		partial = cutShort
		if state == maybeHeader && bytes.IndexByte(piece, ':') >= 0 {
			state = inHeader
		}
		if len(piece) == 0 {
			if wasPartial {
				continue // only the line break of a line read in pieces
			}
			if state == postHeader {
				return false, nil, false
			}
			state = postHeader
			continue
		}
		if rest, isEnd := bytes.CutPrefix(piece, markerEnd); isEnd {
			if string(rest) != label+string(dashes) {
				return false, nil, false
			}
			break
		}
		switch {
		case short, state == postHeader && len(piece) > 64:
			return false, nil, false
		case state == postHeader:
			short = len(piece) < 64
			after = append(after, piece...)
		default:
			before = append(before, piece...)
		}
	}
	if state == maybeHeader {
		before, after = nil, before
	}
	der, ok = decodeBase64(after)
	return len(before) > 0, der, ok && len(der) > 0
}

// decodeBase64 follows EVP_DecodeUpdate: white space is skipped, a dash ends the data.
func decodeBase64(text []byte) ([]byte, bool) {
	clean := make([]byte, 0, len(text))
	for _, c := range text {
		if c == '-' {
			break
		}
		if c == '\r' || c == ' ' || c == '\t' {
			continue
		}
		clean = append(clean, c)
	}
	der := make([]byte, base64.StdEncoding.DecodedLen(len(clean)))
	n, err := base64.StdEncoding.Decode(der, clean)
	return der[:n], err == nil
}
