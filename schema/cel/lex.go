package cel

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

type tokenKind int

const (
	endToken tokenKind = iota
	nameToken
	literalToken
	signToken
)

// token is a name, a sign such as "&&", or a literal, whose value is read already.
type token struct {
	kind  tokenKind
	text  string
	value any
}

// signs, the longer first.
var signs = []string{"&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ".", ",", "(", ")", "[", "]", "{", "}"}

func lex(text string) (tokens []token, err error) {
	for {
		text = strings.TrimLeft(text, " \t\r\n\f")
		if strings.HasPrefix(text, "//") {
			_, text, _ = strings.Cut(text, "\n")
			continue
		}
		if text == "" {
			return append(tokens, token{}), nil
		}
		var next token
		if next, text, err = lexOne(text); err != nil {
			return nil, err
		}
		tokens = append(tokens, next)
	}
}

func lexOne(text string) (t token, rest string, err error) {
	if isDigit(text[0]) || text[0] == '.' && len(text) > 1 && isDigit(text[1]) {
		return lexNumber(text)
	}
	if prefix := stringPrefix(text); prefix >= 0 {
		return lexString(text[:prefix], text[prefix:])
	}
	if isLetter(text[0]) {
		end := 1
		for end < len(text) && (isLetter(text[end]) || isDigit(text[end])) {
			end++
		}
		return token{kind: nameToken, text: text[:end]}, text[end:], nil
	}
	for _, sign := range signs {
		if rest, ok := strings.CutPrefix(text, sign); ok {
			return token{kind: signToken, text: sign}, rest, nil
		}
	}
	return t, "", fmt.Errorf("unexpected %q", text[:1])
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

func isLetter(b byte) bool { return b == '_' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' }

func lexNumber(text string) (t token, rest string, err error) {
	end, isDouble := 0, false
	if len(text) > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X') {
		for end = 2; end < len(text) && strings.IndexByte("0123456789abcdefABCDEF", text[end]) >= 0; {
			end++
		}
	} else {
		for end < len(text) && isDigit(text[end]) {
			end++
		}
		if end+1 < len(text) && text[end] == '.' && isDigit(text[end+1]) {
			isDouble = true
			for end++; end < len(text) && isDigit(text[end]); {
				end++
			}
		}
		if end < len(text) && (text[end] == 'e' || text[end] == 'E') {
			exponent := end + 1
			if exponent < len(text) && (text[exponent] == '+' || text[exponent] == '-') {
				exponent++
			}
			if exponent < len(text) && isDigit(text[exponent]) {
				isDouble = true
				for end = exponent; end < len(text) && isDigit(text[end]); {
					end++
				}
			}
		}
	}
	t.kind, t.text, rest = literalToken, text[:end], text[end:]
	switch {
	case isDouble:
		t.value, err = strconv.ParseFloat(t.text, 64)
	case rest != "" && (rest[0] == 'u' || rest[0] == 'U'):
		rest = rest[1:]
		t.value, err = strconv.ParseUint(t.text, 0, 64)
	default:
		// A minus is a sign of its own, so that the least int64 is beyond what is read here; no rule holds it.
		t.value, err = strconv.ParseInt(decimal(t.text), 0, 64)
	}
	return t, rest, err
}

// decimal takes zeros off that would make a number octal in Go.
func decimal(text string) string {
	if len(text) > 1 && text[0] == '0' && isDigit(text[1]) {
		return "0" + strings.TrimLeft(text, "0")
	}
	return text
}

// stringPrefix tells where the quotes of a string begin, after the letters that say how it is read; -1: it is none.
func stringPrefix(text string) int {
	for i := 0; i < len(text) && i < 3; i++ {
		switch text[i] {
		case '"', '\'':
			return i
		case 'r', 'R', 'b', 'B':
		default:
			return -1
		}
	}
	return -1
}

func lexString(prefix, text string) (t token, rest string, err error) {
	quote := text[:1]
	if strings.HasPrefix(text, strings.Repeat(quote, 3)) {
		quote = text[:3]
	}
	raw := strings.ContainsAny(prefix, "rR")
	at, body := len(quote), strings.Builder{}
	for {
		switch {
		case at >= len(text):
			return t, "", fmt.Errorf("no end of string %s", text)
		case strings.HasPrefix(text[at:], quote):
			t = token{kind: literalToken, value: body.String()}
			if strings.ContainsAny(prefix, "bB") {
				t.value = []byte(body.String())
			}
			return t, text[at+len(quote):], nil
		case text[at] == '\\' && !raw:
			n, err := escape(&body, text[at:])
			if err != nil {
				return t, "", err
			}
			at += n
		default:
			body.WriteByte(text[at])
			at++
		}
	}
}

var escapes = map[byte]byte{
	'a': '\a', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v', '\\': '\\', '\'': '\'', '"': '"', '`': '`', '?': '?',
}

// escape reads what a backslash begins, and tells how long it is.
func escape(body *strings.Builder, text string) (n int, err error) {
	if len(text) < 2 {
		return 0, fmt.Errorf("no end of string %s", text)
	}
	if plain, ok := escapes[text[1]]; ok {
		body.WriteByte(plain)
		return 2, nil
	}
	digits, base, start := 0, 16, 2
	switch text[1] {
	case 'x', 'X':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	case '0', '1', '2', '3':
		digits, base, start = 3, 8, 1
	}
	if digits == 0 || len(text) < start+digits {
		return 0, fmt.Errorf("unknown escape %q", text[:2])
	}
	code, err := strconv.ParseUint(text[start:start+digits], base, 32)
	if err != nil || code > utf8.MaxRune {
		return 0, fmt.Errorf("unknown escape %q", text[:start+digits])
	}
	body.WriteRune(rune(code))
	return start + digits, nil
}
