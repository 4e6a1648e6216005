package pki

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"unicode/utf8"
)

var (
	markerBegin = []byte("-----BEGIN ")
	markerEnd   = []byte("-----END ")
	dashes      = []byte("-----")
	bom         = []byte("\xef\xbb\xbf")
)

// block is a PEM block as people see it: a BEGIN line, an END line of the same type.
type block struct {
	label    string
	from, to int // lines of BEGIN and END
}

// scanned is a text seen with the eyes of who wrote it: which blocks were meant, and what is odd about them. What readers make of
// it is reading's concern; keeping the two apart means that a message never depends on a decoder's internals.
type scanned struct {
	lines   int
	blocks  []block
	defects []Defect

	open      bool // between BEGIN and END
	cur       block
	body      int // lines of the current block that are not empty
	empty     int // and those that are
	headerEnd int // the empty line that OpenSSL will stumble over; 0: none
	explained int // index+1 of the defect that accounts for the current block; 0: none
	marked    int // index+1 of the defect for a byte order mark on the current line
}

// scan finds blocks and defects line by line. Lines end in LF or CRLF; prose between blocks is nobody's business.
func scan(text []byte) *scanned {
	s := &scanned{}
	if kind, message := wrongForm(text); kind != "" {
		s.lines = 1 + bytes.Count(text, []byte{'\n'})
		s.add(Defect{Kind: kind, Line: 1, Message: message, from: 1, to: s.lines})
		return s
	}
	for line := range bytes.Lines(text) {
		s.lines++
		s.line(line)
	}
	if s.open {
		s.cur.to = s.lines
		s.truncated()
	}
	s.lines = max(s.lines, 1)
	return s
}

// wrongForm recognises a value that is no PEM text at all.
func wrongForm(text []byte) (Kind, string) {
	if bytes.Contains(text, dashes) {
		return "", ""
	}
	// "LS0tLS1CRUdJTi" is the base64 of "-----BEGIN ", whatever follows.
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("LS0tLS1CRUdJTi")) {
		return EncodedTwice, "the value is the base64 of a PEM text: it was encoded twice"
	}
	if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
		return Binary, "the value is binary (DER, PKCS#12, JKS), not PEM text"
	}
	return "", ""
}

func (s *scanned) line(line []byte) {
	var marked bool
	line, marked = bytes.CutPrefix(bytes.TrimRight(line, " \t\r\n"), bom)
	s.marked = 0
	if marked && bytes.HasPrefix(line, markerBegin) {
		s.add(Defect{
			Kind: ByteOrderMark, Line: s.lines, Message: "a byte order mark hides the block behind it from Go", from: s.lines, to: s.lines,
		})
		s.marked = len(s.defects)
	}
	flush := bytes.TrimLeft(line, " \t")
	indented := len(flush) < len(line)
	begin, end := bytes.LastIndex(flush, markerBegin), bytes.LastIndex(flush, markerEnd)
	switch {
	case begin < 0 && end < 0:
		s.inside(line)
	case begin == 0 && end < 0:
		s.begin(flush[len(markerBegin):], indented)
	case end == 0 && begin < 0:
		s.end(flush[len(markerEnd):], indented)
	default:
		s.glued(begin > end)
	}
}

// inside looks at a line of a block's body.
func (s *scanned) inside(line []byte) {
	if !s.open || s.explained > 0 || s.cur.label != labelCertificate {
		return
	}
	switch {
	case len(line) == 0:
		// One empty line right after BEGIN is an empty header to OpenSSL. Any other makes a header of what stands before.
		if s.empty++; s.headerEnd == 0 && (s.body > 0 || s.empty > 1) {
			s.headerEnd = s.lines
		}
	case bytes.IndexByte(line, ':') >= 0:
		s.explain(BlockHeaders, s.lines, "a header line inside the block")
	default:
		s.body++
	}
}

// begin starts a block at a line that starts with the BEGIN marker; rest is what follows the marker.
func (s *scanned) begin(rest []byte, indented bool) {
	if s.open {
		s.cur.to = s.lines
		s.truncated()
	}
	label, after, closed := bytes.Cut(rest, dashes)
	if !closed {
		label = nil // whatever stands there is no type
	}
	s.start(string(label))
	switch {
	case !closed:
		s.explain(MalformedBlock, s.lines, "the BEGIN line does not end in five dashes")
	case len(after) > 0:
		s.explain(GluedMarkers, s.lines, "text follows the BEGIN marker on its line")
	case indented:
		s.explain(IndentedMarker, s.lines, "the BEGIN line is indented")
	case s.marked > 0:
		s.explained = s.marked
	}
}

// end closes a block at a line that starts with the END marker.
func (s *scanned) end(rest []byte, indented bool) {
	if !s.open {
		s.add(Defect{Kind: TruncatedBlock, Line: s.lines, Message: "an END line without its BEGIN line", from: s.lines, to: s.lines})
		return
	}
	s.cur.to = s.lines
	label, after, closed := bytes.Cut(rest, dashes)
	switch {
	case s.explained > 0: // nobody looks for the end of a block that has not begun
	case closed && len(after) > 0:
		s.explain(GluedMarkers, s.lines, "text follows the END marker on its line")
	case indented:
		s.explain(IndentedMarker, s.lines, "the END line is indented")
	case !closed || string(label) != s.cur.label:
		s.explain(MalformedBlock, s.lines, "the END line does not match the BEGIN line")
	case s.headerEnd > 0:
		s.explain(MalformedBlock, s.headerEnd, "an empty line inside the block: OpenSSL takes what stands before it for a header")
	}
	s.finish()
}

// glued handles a line that holds markers it shares with something else; begins says whether it leaves a block open.
func (s *scanned) glued(begins bool) {
	if !s.open {
		s.start("")
	}
	s.cur.to = s.lines
	if begins || s.explained == 0 {
		s.explain(GluedMarkers, s.lines, "a BEGIN or END marker shares its line with other text")
	}
	if !begins {
		s.finish()
		return
	}
	// The block that begins here is as lost as the one that ends: the same defect accounts for both.
	known := s.explained
	s.finish()
	s.start("")
	s.explained = known
}

func (s *scanned) start(label string) {
	s.open, s.cur = true, block{label: label, from: s.lines, to: s.lines}
	s.body, s.empty, s.headerEnd, s.explained = 0, 0, 0, 0
}

// finish closes the current block. A certificate that is already explained is done with; of any other block it remains to be
// said that it has no business here.
func (s *scanned) finish() {
	s.open = false
	if s.explained > 0 {
		d := &s.defects[s.explained-1]
		d.to = max(d.to, s.cur.to)
		if s.cur.label == labelCertificate || s.cur.label == "" {
			return
		}
	}
	s.blocks = append(s.blocks, s.cur)
}

// truncated closes a block that has no END line.
func (s *scanned) truncated() {
	if s.explained == 0 {
		s.explain(TruncatedBlock, s.cur.from, "the block has no END line")
	}
	d := &s.defects[s.explained-1]
	d.to = max(d.to, s.cur.to)
	s.open = false
}

// dropOpen forgets the block that the end of the text left open: the text was cut, not the block.
func (s *scanned) dropOpen() {
	s.defects = slices.DeleteFunc(s.defects, func(d Defect) bool { return d.Kind == TruncatedBlock && d.to == s.lines && d.Line < s.lines })
}

// explain adds a defect that accounts for the current block.
func (s *scanned) explain(kind Kind, line int, message string) {
	s.add(Defect{Kind: kind, Line: line, Message: message, from: s.cur.from, to: s.cur.to})
	s.explained = len(s.defects)
}

func (s *scanned) add(d Defect) { s.defects = append(s.defects, d) }

func (s *scanned) sort() {
	slices.SortStableFunc(s.defects, func(a, b Defect) int { return cmp.Compare(a.Line, b.Line) })
}

// covering finds the first defect that accounts for a line.
func (s *scanned) covering(line int) *Defect {
	for i := range s.defects {
		if d := &s.defects[i]; d.Kind != DuplicateCertificate && d.from <= line && line <= d.to {
			return d
		}
	}
	return nil
}

// charge finds the defect a refusal at a line is due to: the one that accounts for the line; the first one where the refusal is
// of the text as a whole (line 0); a new one where a reader is fussier than scan.
func (s *scanned) charge(line int) *Defect {
	if d := s.covering(line); d != nil {
		return d
	}
	if line == 0 && len(s.defects) > 0 {
		return &s.defects[0]
	}
	line = max(line, 1)
	s.add(Defect{Kind: MalformedBlock, Line: line, Message: "the block is not read by every reader", from: line, to: line})
	return &s.defects[len(s.defects)-1]
}

func duplicate(blk block, first int) Defect {
	return Defect{
		Kind: DuplicateCertificate, Line: blk.from, Message: "the same certificate as at line " + strconv.Itoa(first), from: blk.from, to: blk.to,
	}
}
