package nginx

import (
	"fmt"
	"strings"
)

// directive is one of nginx's: words up to a semicolon, or up to a block. Of a block of Lua only the text is kept.
type directive struct {
	words []string
	block []directive
	lua   string
}

func (d *directive) is(name string) bool { return len(d.words) > 0 && d.words[0] == name }

// first returns the first directive of that name; nil if there is none.
func first(block []directive, name string) *directive {
	for i := range block {
		if block[i].is(name) {
			return &block[i]
		}
	}
	return nil
}

// argument is the last word of the first directive of that name; "" if there is none.
func argument(block []directive, name string) string {
	if d := first(block, name); d != nil && len(d.words) > 1 {
		return d.words[len(d.words)-1]
	}
	return ""
}

// parse reads a configuration. It knows comments, quotes, and blocks of Lua, in which braces are in balance.
func parse(text string) ([]directive, error) {
	p := parser{text: text}
	block := p.block()
	if p.at < len(p.text) {
		return nil, fmt.Errorf("a closing brace too many after %q", p.text[max(0, p.at-80):p.at])
	}
	return block, nil
}

type parser struct {
	text string
	at   int
}

func (p *parser) block() []directive {
	var list []directive
	var words []string
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == '#':
			end := strings.IndexByte(p.text[p.at:], '\n')
			if end < 0 {
				end = len(p.text) - p.at
			}
			p.at += end
		case strings.IndexByte(" \t\r\n", c) >= 0:
			p.at++
		case c == ';':
			list, words = append(list, directive{words: words}), nil
			p.at++
		case c == '{':
			p.at++
			d := directive{words: words}
			if strings.HasSuffix(words[0], "_by_lua_block") {
				d.lua = p.lua()
			} else {
				d.block = p.block()
				p.at++
			}
			list, words = append(list, d), nil
		case c == '}':
			return list
		default:
			words = append(words, p.word())
		}
	}
	return list
}

func (p *parser) word() string {
	if quote := p.text[p.at]; quote == '"' || quote == '\'' {
		var b strings.Builder
		for p.at++; p.at < len(p.text) && p.text[p.at] != quote; p.at++ {
			if p.text[p.at] == '\\' {
				p.at++
			}
			b.WriteByte(p.text[p.at])
		}
		p.at++
		return b.String()
	}
	start := p.at
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n;", p.text[p.at]) < 0 {
		if p.text[p.at] == '{' && (p.at == start || p.text[p.at-1] != '$') {
			break
		}
		if p.text[p.at] == '{' { // ${name}
			p.at += strings.IndexByte(p.text[p.at:], '}')
		}
		p.at++
	}
	return p.text[start:p.at]
}

// lua leaves out the closing brace.
func (p *parser) lua() string {
	start := p.at
	for depth := 1; p.at < len(p.text); p.at++ {
		switch p.text[p.at] {
		case '-':
			// A comment may hold an apostrophe, and a brace.
			if strings.HasPrefix(p.text[p.at:], "--") {
				p.at += strings.IndexByte(p.text[p.at:], '\n')
			}
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				p.at++
				return p.text[start : p.at-1]
			}
		}
	}
	return p.text[start:]
}
