package manifest

// inFlow stands for the parent column in brackets, where indentation means nothing.
const inFlow = -2

// flowNode parses a node in brackets or braces, or a scalar within them.
func (p *parser) flowNode() bool {
	if p.depth++; p.depth > maxDepth {
		return false
	}
	defer func() { p.depth-- }()
	switch p.at(p.pos) {
	case '[':
		return p.flowSequence()
	case '{':
		return p.flowMapping()
	case '"', '\'':
		return p.quoted(inFlow)
	case '*':
		return p.alias()
	}
	return p.flowPlain()
}

func (p *parser) flowMapping() bool {
	i := p.add(node{shape: mapping, style: flow, start: int32(p.pos)})
	for p.pos++; ; {
		if !p.flowSkip() {
			return false
		}
		if p.at(p.pos) == '}' {
			break
		}
		start := p.pos
		switch p.at(p.pos) {
		case '"', '\'':
			if !p.quoted(inFlow) {
				return false
			}
		case '[', '{', '*':
			return false
		default:
			if !p.flowPlain() {
				return false
			}
		}
		for p.at(p.pos) == ' ' {
			p.pos++
		}
		if p.at(p.pos) != ':' || p.pos-start > maxKey || p.lineStart > start {
			return false
		}
		p.pos++
		after := p.pos
		if !p.flowSkip() {
			return false
		}
		if c := p.at(p.pos); c == ',' || c == '}' {
			p.add(node{style: plain, start: int32(after), end: int32(after)})
		} else if !p.flowNode() {
			return false
		}
		if more, ok := p.flowMore('}'); !ok {
			return false
		} else if !more {
			break
		}
	}
	p.pos++
	p.close(i, p.pos)
	return true
}

func (p *parser) flowSequence() bool {
	i := p.add(node{shape: sequence, style: flow, start: int32(p.pos)})
	for p.pos++; ; {
		if !p.flowSkip() {
			return false
		}
		if p.at(p.pos) == ']' {
			break
		}
		if !p.flowNode() {
			return false
		}
		if more, ok := p.flowMore(']'); !ok {
			return false
		} else if !more {
			break
		}
	}
	p.pos++
	p.close(i, p.pos)
	return true
}

// flowMore passes a comma and reports whether the collection goes on; anything but a comma or the closing bracket, as the
// colon of a single pair, is not for us.
func (p *parser) flowMore(closing byte) (more, ok bool) {
	if !p.flowSkip() {
		return false, false
	}
	switch p.at(p.pos) {
	case closing:
		return false, true
	case ',':
		p.pos++
		return true, true
	}
	return false, false
}

// flowSkip is skip within brackets, where tabs are white space too.
func (p *parser) flowSkip() bool {
	for {
		if p.skip() {
			return p.pos < p.end
		}
		if p.at(p.pos) != '\t' {
			return false
		}
		for p.at(p.pos) == '\t' {
			p.pos++
		}
	}
}

// flowPlain parses a plain scalar within brackets, on one line.
func (p *parser) flowPlain() bool {
	start, end := p.pos, p.pos
	switch c := p.at(p.pos); c {
	case '-':
		if c := p.at(p.pos + 1); !isWord(c) {
			return false
		}
	case '?', ':', ',', ']', '}', '#', '&', '*', '!', '|', '>', '%', '@', '`', 0:
		return false
	}
scan:
	for ; p.pos < p.end; p.pos++ {
		switch c := p.s[p.pos]; c {
		case ' ', '\r':
			continue
		case '\n', ',', ']', '}':
			break scan
		case '\t', '[', '{', '?':
			return false
		case '#':
			if p.s[p.pos-1] == ' ' {
				return false
			}
		case ':':
			if next := p.at(p.pos + 1); p.blankAt(p.pos + 1) {
				break scan
			} else if !isWord(next) && next != '/' {
				return false
			}
		}
		end = p.pos + 1
	}
	p.pos = end
	p.add(node{style: plain, start: int32(start), end: int32(end), value: p.s[start:end]})
	return end > start
}
