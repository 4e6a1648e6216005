package manifest

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// plain parses a plain scalar in block context, which may go on over lines deeper than the collection it is in.
func (p *parser) plain(parent int) bool {
	start := p.pos
	end, comment, ok := p.plainLine()
	if !ok {
		return false
	}
	var more strings.Builder
	value := p.s[start:end]
	for !comment {
		breaks, next := p.continues(parent)
		if next == 0 {
			break
		}
		p.lineStart = p.lineOf(next)
		p.pos = next
		from := p.pos
		if end, comment, ok = p.plainLine(); !ok {
			return false
		}
		if more.Len() == 0 {
			more.WriteString(value)
		}
		more.WriteString(fold(breaks))
		more.WriteString(p.s[from:end])
	}
	if more.Len() > 0 {
		value = more.String()
	}
	p.pos = end
	p.add(node{style: plain, start: int32(start), end: int32(end), value: value})
	return true
}

// plainLine scans one line of a plain scalar and leaves pos at the end of that line. It reports where the text ends and
// whether a comment ended it.
func (p *parser) plainLine() (end int, comment, ok bool) {
	end = p.pos
	for ; p.pos < p.end; p.pos++ {
		switch c := p.s[p.pos]; c {
		case ' ':
			continue
		case '\n':
			return end, false, true
		case '\r':
			continue
		case '\t':
			return 0, false, false
		case ':':
			if p.blankAt(p.pos + 1) {
				return 0, false, false
			}
		case '#':
			if p.s[p.pos-1] == ' ' {
				return end, true, true
			}
		}
		end = p.pos + 1
	}
	return end, false, true
}

// continues looks from the end of a line for more of a plain scalar: how many line breaks on, and where. It is 0 where
// the scalar ends.
func (p *parser) continues(parent int) (breaks, next int) {
	for i := p.pos; i < p.end; {
		if p.s[i] != '\n' {
			return 0, 0
		}
		breaks++
		line := i + 1
		for i = line; p.at(i) == ' '; i++ {
		}
		if p.at(i) == '\r' {
			i++
		}
		switch c := p.at(i); {
		case c == '\n':
			continue
		case i >= p.end || c == '#' || i-line <= parent:
			return 0, 0
		}
		return breaks, i
	}
	return 0, 0
}

// lineOf is where the line of i begins.
func (p *parser) lineOf(i int) int { return strings.LastIndexByte(p.s[:i], '\n') + 1 }

// fold is what line breaks within a scalar mean: one is a space, and each further one itself.
func fold(breaks int) string {
	if breaks == 1 {
		return " "
	}
	return strings.Repeat("\n", breaks-1)
}

// quoted parses a single or double quoted scalar. In block context its further lines must be deeper than parent; -2
// stands for flow context, where they may begin anywhere.
func (p *parser) quoted(parent int) bool {
	start := p.pos
	quote := p.s[start]
	n := node{style: single, start: int32(start)}
	if quote == '"' {
		n.style = double
	}
	if i := strings.IndexByte(p.s[start+1:p.end], quote); i >= 0 {
		text := p.s[start+1 : start+1+i]
		if strings.IndexByte(text, '\\') < 0 && strings.IndexByte(text, '\n') < 0 &&
			(quote == '"' || p.at(start+2+i) != '\'') {
			p.pos = start + 2 + i
			n.end, n.value = int32(p.pos), text
			p.add(n)
			return true
		}
	}
	var b strings.Builder
	for p.pos++; p.pos < p.end; {
		switch c := p.s[p.pos]; {
		case c == quote && quote == '\'' && p.at(p.pos+1) == '\'':
			b.WriteByte('\'')
			p.pos += 2
		case c == quote:
			p.pos++
			n.end, n.value = int32(p.pos), b.String()
			p.add(n)
			return true
		case c == '\\' && quote == '"':
			if !p.escape(&b) {
				return false
			}
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			if !p.quotedSpace(&b, parent) {
				return false
			}
		default:
			b.WriteByte(c)
			p.pos++
		}
	}
	return false
}

// quotedSpace reads white space within quotes: as it is, or folded where lines break.
func (p *parser) quotedSpace(b *strings.Builder, parent int) bool {
	start, breaks := p.pos, 0
	for ; ; p.pos++ {
		switch p.at(p.pos) {
		case '\n':
			breaks++
			p.lineStart = p.pos + 1
			continue
		case ' ', '\t', '\r':
			continue
		}
		break
	}
	switch {
	case breaks == 0:
		b.WriteString(p.s[start:p.pos])
	case p.pos >= p.end || parent > -2 && (p.column() <= parent || strings.IndexByte(p.s[p.lineStart:p.pos], '\t') >= 0):
		return false
	default:
		b.WriteString(fold(breaks))
	}
	return true
}

// escape reads one escape sequence of a double quoted scalar.
func (p *parser) escape(b *strings.Builder) bool {
	c := p.at(p.pos + 1)
	p.pos += 2
	switch c {
	case 'n':
		b.WriteByte('\n')
	case 't':
		b.WriteByte('\t')
	case 'r':
		b.WriteByte('\r')
	case 'b':
		b.WriteByte('\b')
	case 'f':
		b.WriteByte('\f')
	case '"', '\\', ' ':
		b.WriteByte(c)
	case '/':
		b.WriteByte(c)
		return p.json // YAML 1.1 has no such escape
	case 'x':
		return p.codePoint(b, 2)
	case 'u':
		return p.codePoint(b, 4)
	default:
		return false
	}
	return true
}

func (p *parser) codePoint(b *strings.Builder, digits int) bool {
	r, ok := p.hex(digits)
	if !ok {
		return false
	}
	if utf16.IsSurrogate(r) {
		// JSON writes characters beyond the basic plane as two escapes; YAML 1.1 refuses them.
		if !p.json || p.at(p.pos) != '\\' || p.at(p.pos+1) != 'u' {
			return false
		}
		p.pos += 2
		low, ok := p.hex(digits)
		if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
			return false
		}
	}
	b.WriteRune(r)
	return true
}

func (p *parser) hex(digits int) (rune, bool) {
	if p.pos+digits > p.end {
		return 0, false
	}
	n, err := strconv.ParseUint(p.s[p.pos:p.pos+digits], 16, 32)
	p.pos += digits
	return rune(n), err == nil
}

// blockScalar parses a literal or folded scalar. It follows libyaml step by step, since what blank and deeper lines mean
// in a folded scalar has no shorter description.
func (p *parser) blockScalar(parent int) bool {
	start := p.pos
	n := node{style: literal, start: int32(start)}
	if p.s[start] == '>' {
		n.style = folded
	}
	indent, chomp, ok := p.blockHeader(parent)
	if !ok {
		return false
	}
	n.end = int32(p.pos)
	for n.end > n.start && (p.s[n.end-1] == '\n' || p.s[n.end-1] == '\r') {
		n.end--
	}
	blank, ok := p.blockBreaks(&indent, parent)
	if !ok {
		return false
	}
	var b strings.Builder
	broke, deeper := false, false
	for p.column() == indent && p.pos < p.end {
		wasDeeper := deeper
		deeper = p.s[p.pos] == ' ' || p.s[p.pos] == '\t'
		switch {
		case !broke:
		case n.style == folded && !wasDeeper && !deeper && blank == 0:
			b.WriteByte(' ')
		case n.style == folded && !wasDeeper && !deeper:
		default:
			b.WriteByte('\n')
		}
		writeBreaks(&b, blank)
		line := p.s[p.pos:p.end]
		length := strings.IndexByte(line, '\n')
		broke = length >= 0
		if !broke {
			length = len(line)
		}
		text := strings.TrimSuffix(line[:length], "\r")
		b.WriteString(text)
		n.end = int32(p.pos + len(text))
		p.pos += length
		if broke {
			p.pos++
			p.lineStart = p.pos
		}
		if blank, ok = p.blockBreaks(&indent, parent); !ok {
			return false
		}
	}
	if broke && chomp != '-' {
		b.WriteByte('\n')
	}
	if chomp == '+' {
		writeBreaks(&b, blank)
		if blank > 0 {
			n.end = int32(p.lineStart - 1) // blank lines are content here
		}
	}
	if p.pos < p.end {
		p.pos = p.lineStart // the spaces before the next token are its own
	}
	n.value = b.String()
	p.add(n)
	return true
}

// blockHeader reads the indicators after | or > to the start of the next line. The indent is 0 where the text tells it.
func (p *parser) blockHeader(parent int) (indent int, chomp byte, ok bool) {
	for p.pos++; p.pos < p.end; p.pos++ {
		switch c := p.s[p.pos]; {
		case (c == '+' || c == '-') && chomp == 0:
			chomp = c
			continue
		case '1' <= c && c <= '9' && indent == 0:
			indent = max(parent, 0) + int(c-'0')
			continue
		}
		break
	}
	for p.at(p.pos) == ' ' {
		p.pos++
	}
	if p.at(p.pos) == '#' {
		if p.s[p.pos-1] != ' ' {
			return 0, 0, false
		}
		p.comment()
	}
	if p.at(p.pos) == '\r' {
		p.pos++
	}
	if p.pos < p.end {
		if p.s[p.pos] != '\n' {
			return 0, 0, false
		}
		p.pos++
		p.lineStart = p.pos
	}
	return indent, chomp, true
}

// blockBreaks passes indentation and blank lines, and counts the lines. An indent of 0 is set from the first line.
func (p *parser) blockBreaks(indent *int, parent int) (blank int, ok bool) {
	deepest := 0
	for {
		for (*indent == 0 || p.column() < *indent) && p.at(p.pos) == ' ' {
			p.pos++
		}
		deepest = max(deepest, p.column())
		if (*indent == 0 || p.column() < *indent) && p.at(p.pos) == '\t' {
			return 0, false
		}
		i := p.pos
		if p.at(i) == '\r' {
			i++
		}
		if p.at(i) != '\n' {
			break
		}
		p.pos = i + 1
		p.lineStart = p.pos
		blank++
	}
	if *indent == 0 {
		*indent = max(deepest, parent+1, 1)
	}
	return blank, true
}

func writeBreaks(b *strings.Builder, n int) {
	for range n {
		b.WriteByte('\n')
	}
}
