package manifest

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// This file decides what a scalar means. The judge is sigs.k8s.io/yaml, through which kubectl and every Kubernetes client
// read YAML: go-yaml v2 with YAML 1.1's words (yes, no, on, off, y, n), then JSON. FuzzRead compares the two. We differ
// in three places, never in silence: JSON documents may use JSON's own escapes, since kubectl decodes those as JSON; a few
// texts that YAML 1.1 and 1.2 read differently are refused (library.go); and what follows the first document within one
// piece of text, which that path drops, is an error.

// words are the plain scalars that are not strings.
var words = map[string]any{
	"y": true, "Y": true, "yes": true, "Yes": true, "YES": true,
	"true": true, "True": true, "TRUE": true, "on": true, "On": true, "ON": true,
	"n": false, "N": false, "no": false, "No": false, "NO": false,
	"false": false, "False": false, "FALSE": false, "off": false, "Off": false, "OFF": false,
	"": nil, "~": nil, "null": nil, "Null": nil, "NULL": nil,
	".nan": math.NaN(), ".NaN": math.NaN(), ".NAN": math.NaN(),
	".inf": math.Inf(1), ".Inf": math.Inf(1), ".INF": math.Inf(1),
	"+.inf": math.Inf(1), "+.Inf": math.Inf(1), "+.INF": math.Inf(1),
	"-.inf": math.Inf(-1), "-.Inf": math.Inf(-1), "-.INF": math.Inf(-1),
}

// timestamp is what a plain date means: a string, but one that no other tag accepts.
type timestamp string

var styleFloat = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)

// maybeSpecial reports whether a plain scalar that begins with c may be anything but a string.
func maybeSpecial(c byte) bool {
	switch c {
	case 'y', 'Y', 'n', 'N', 't', 'T', 'f', 'F', 'o', 'O', '~', '.', '+', '-':
		return true
	}
	return '0' <= c && c <= '9'
}

// plainValue is what a scalar without tag or quotes means: nil, bool, int, int64, uint64, float64, timestamp or string.
func plainValue(s string, dates bool) any {
	if s == "" {
		return nil
	}
	if !maybeSpecial(s[0]) {
		return s
	}
	if word, ok := words[s]; ok {
		return word
	}
	switch c := s[0]; {
	case c == '.':
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			return f
		}
	case c == '+' || c == '-' || '0' <= c && c <= '9':
		return numberValue(s, dates)
	}
	return s
}

func numberValue(s string, dates bool) any {
	// Most of what begins with a digit is an address, a version or a duration: told apart here without building an error.
	if !numeric(s) {
		return s
	}
	if dates && isTimestamp(s) {
		return timestamp(s)
	}
	digits := strings.ReplaceAll(s, "_", "")
	if n, err := strconv.ParseInt(digits, 0, 64); err == nil {
		return n
	}
	if n, err := strconv.ParseUint(digits, 0, 64); err == nil {
		return n
	}
	if styleFloat.MatchString(digits) {
		if f, err := strconv.ParseFloat(digits, 64); err == nil {
			return f
		}
	}
	if rest, ok := strings.CutPrefix(digits, "-0b"); ok {
		if n, err := strconv.ParseInt("-"+rest, 2, 64); err == nil {
			return n
		}
	}
	return s
}

// numeric reports whether s has only characters that a number or a date may have.
func numeric(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'f', 'A' <= c && c <= 'F':
		case strings.IndexByte("_+-.:xXoOtTzZ ", c) >= 0:
		default:
			return false
		}
	}
	return true
}

func isTimestamp(s string) bool {
	if len(s) < 8 || s[4] != '-' || strings.IndexFunc(s[:4], func(r rune) bool { return r < '0' || r > '9' }) >= 0 {
		return false
	}
	for _, layout := range [...]string{
		"2006-1-2T15:4:5.999999999Z07:00", "2006-1-2t15:4:5.999999999Z07:00", "2006-1-2 15:4:5.999999999", "2006-1-2",
	} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}

// scalarValue is what a scalar means before JSON: as plainValue.
func scalarValue(n *node) (any, error) {
	switch n.tag {
	case "":
		if n.style != plain {
			return n.value, nil
		}
		return plainValue(n.value, true), nil
	case "!!str":
		return n.value, nil
	case "!!binary":
		data, err := base64.StdEncoding.DecodeString(n.value)
		if err != nil {
			return nil, errors.New("!!binary value contains invalid base64 data")
		}
		return string(data), nil
	case "!!bool", "!!int", "!!float", "!!null", "!!timestamp":
		return taggedValue(n)
	}
	return n.value, nil // a tag go-yaml v2 does not know says nothing
}

func taggedValue(n *node) (any, error) {
	value := plainValue(n.value, n.tag == "!!timestamp")
	is := ""
	switch v := value.(type) {
	case nil:
		is = "!!null"
	case bool:
		is = "!!bool"
	case float64:
		is = "!!float"
	case timestamp:
		is = "!!timestamp"
	case int64:
		is = "!!int"
		if n.tag == "!!float" {
			return float64(v), nil
		}
	case uint64:
		is = "!!int"
	case string:
		is = "!!str"
	}
	if is != n.tag {
		// Without the value, which may be the data of a Secret.
		return nil, fmt.Errorf("cannot decode a %s as a %s", is, n.tag)
	}
	return value, nil
}

// jsonScalar is what a scalar means to the API server: nil, bool, int64, float64 or string.
func jsonScalar(n *node) (any, error) {
	value, err := scalarValue(n)
	if err != nil {
		return nil, err
	}
	switch v := value.(type) {
	case timestamp:
		return string(v), nil
	case uint64:
		if v <= math.MaxInt64 {
			return int64(v), nil
		}
		return float64(v), nil
	case float64:
		return jsonFloat(v)
	case string:
		return validUTF8(v), nil
	}
	return value, nil
}

// jsonFloat reads a float as it comes back from JSON, where 1.0 is written 1 and is then an integer.
func jsonFloat(f float64) (any, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, fmt.Errorf("%v has no JSON form", f)
	}
	if f != math.Trunc(f) || math.Abs(f) >= 1e21 {
		return f, nil
	}
	if n, err := strconv.ParseInt(strconv.FormatFloat(f, 'f', -1, 64), 10, 64); err == nil {
		return n, nil
	}
	return f, nil
}

// validUTF8 replaces each byte that is no UTF-8, as JSON does; only !!binary can hold one.
func validUTF8(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}

// keyText is the string a mapping key becomes in JSON.
func keyText(t *tree, i int) (string, error) {
	n := &t.nodes[t.deref(i)]
	if n.shape != scalar {
		return "", errors.New("a mapping key must be a scalar")
	}
	if n.tag == "" && (n.style != plain || n.value != "" && !maybeSpecial(n.value[0])) {
		return n.value, nil
	}
	value, err := scalarValue(n)
	if err != nil {
		return "", err
	}
	switch v := value.(type) {
	case string:
		return validUTF8(v), nil
	case timestamp:
		return string(v), nil
	case bool:
		return strconv.FormatBool(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case float64:
		switch s := strconv.FormatFloat(v, 'g', -1, 32); s {
		case "+Inf":
			return ".inf", nil
		case "-Inf":
			return "-.inf", nil
		case "NaN":
			return ".nan", nil
		default:
			return s, nil
		}
	case uint64:
		return "", fmt.Errorf("%d is too large for a mapping key", v)
	}
	return "", errors.New("null is no mapping key")
}
