package manifest

// anchored parses "&name node".
func (p *parser) anchored(parent int, nested bool) bool {
	p.pos++
	name, ok := p.name()
	if !ok {
		return false
	}
	if !p.skip() || p.pos >= p.end {
		return false
	}
	if p.broke {
		// The properties of a node on a line of its own; a sequence in its parent's column, or nothing, is the library's.
		if !p.firstOnLine() || p.column() <= parent {
			return false
		}
		nested = true
	} else if nested && (p.keyEnd() > 0 || p.s[p.pos] == '-' && p.blankAt(p.pos+1)) {
		return false // the anchor of the key, not of the mapping
	} else {
		nested = false
	}
	if c := p.s[p.pos]; c == '&' || c == '*' {
		return false
	}
	i := len(p.nodes)
	p.anchors = append(p.anchors, anchor{name, i})
	if !p.node(parent, nested) {
		return false
	}
	p.nodes[i].anchored = true
	return true
}

// alias parses "*name".
func (p *parser) alias() bool {
	start := p.pos
	p.pos++
	name, ok := p.name()
	if !ok {
		return false
	}
	for i := len(p.anchors) - 1; i >= 0; i-- {
		if p.anchors[i].name == name {
			p.add(node{
				shape: alias, start: int32(start), end: int32(p.pos), target: int32(p.anchors[i].node), value: name,
			})
			return true
		}
	}
	return false
}

func (p *parser) name() (string, bool) {
	start := p.pos
	for c := p.at(p.pos); isWord(c) && c != '.'; c = p.at(p.pos) {
		p.pos++
	}
	return p.s[start:p.pos], p.pos > start && (p.blankAt(p.pos) || p.at(p.pos) == ',' || p.at(p.pos) == ']')
}
