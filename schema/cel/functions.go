package cel

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// function is one that takes least to most arguments, not counting what a method is called on.
type function struct {
	least, most int
	call        func(arguments []any) (any, error)
}

var functions = map[string]function{
	"size":            {1, 1, size},
	"type":            {1, 1, func(a []any) (any, error) { return typeOf(a[0]) }},
	"dyn":             {1, 1, func(a []any) (any, error) { return a[0], nil }},
	"int":             {1, 1, toInt},
	"double":          {1, 1, toDouble},
	"string":          {1, 1, toString},
	"duration":        {1, 1, toDuration},
	"matches":         {2, 2, matches},
	"isIP":            {1, 1, ofText(func(s string) (any, error) { _, ok := address(s); return ok, nil })},
	"isCIDR":          {1, 1, ofText(func(s string) (any, error) { return isCIDR(s), nil })},
	"isURL":           {1, 1, ofText(func(s string) (any, error) { return isURL(s), nil })},
	"sets.contains":   {2, 2, func(a []any) (any, error) { return all(a[0], a[1]) }},
	"sets.intersects": {2, 2, intersects},
	"sets.equivalent": {2, 2, equivalent},
}

var methods = map[string]function{
	"size":        {0, 0, size},
	"contains":    {1, 1, ofTexts(func(s, t string) any { return strings.Contains(s, t) })},
	"startsWith":  {1, 1, ofTexts(func(s, t string) any { return strings.HasPrefix(s, t) })},
	"endsWith":    {1, 1, ofTexts(func(s, t string) any { return strings.HasSuffix(s, t) })},
	"matches":     {1, 1, matches},
	"lowerAscii":  {0, 0, ofText(func(s string) (any, error) { return strings.Map(lower, s), nil })},
	"upperAscii":  {0, 0, ofText(func(s string) (any, error) { return strings.Map(upper, s), nil })},
	"trim":        {0, 0, ofText(func(s string) (any, error) { return strings.TrimSpace(s), nil })},
	"split":       {1, 2, split},
	"replace":     {2, 3, replace},
	"substring":   {1, 2, substring},
	"charAt":      {1, 1, charAt},
	"join":        {0, 1, join},
	"indexOf":     {1, 1, index(func(s, t string) int { return strings.Index(s, t) }, false)},
	"lastIndexOf": {1, 1, index(func(s, t string) int { return strings.LastIndex(s, t) }, true)},
	"find":        {1, 1, find},
	"validate":    {1, 1, validate},
	"hasValue":    {0, 0, hasValue},
	"orValue":     {1, 1, orValue},
	"value":       {0, 0, valueOf},

	"getHours":        {0, 0, ofDuration(func(d time.Duration) any { return int64(d.Hours()) })},
	"getMinutes":      {0, 0, ofDuration(func(d time.Duration) any { return int64(d.Minutes()) })},
	"getSeconds":      {0, 0, ofDuration(func(d time.Duration) any { return int64(d.Seconds()) })},
	"getMilliseconds": {0, 0, ofDuration(func(d time.Duration) any { return d.Milliseconds() })},
}

func mismatch(arguments []any) error {
	types := make([]string, len(arguments))
	for i := range arguments {
		types[i] = fmt.Sprintf("%T", arguments[i])
	}
	return unsure("no such overload: %s", strings.Join(types, ", "))
}

func ofText(f func(string) (any, error)) func([]any) (any, error) {
	return func(a []any) (any, error) {
		if s, ok := a[0].(string); ok {
			return f(s)
		}
		return nil, mismatch(a)
	}
}

func ofTexts(f func(s, t string) any) func([]any) (any, error) {
	return func(a []any) (any, error) {
		s, ok := a[0].(string)
		t, alsoOK := a[1].(string)
		if ok && alsoOK {
			return f(s, t), nil
		}
		return nil, mismatch(a)
	}
}

func ofDuration(f func(time.Duration) any) func([]any) (any, error) {
	return func(a []any) (any, error) {
		if d, ok := a[0].(time.Duration); ok {
			return f(d), nil
		}
		return nil, mismatch(a)
	}
}

func size(a []any) (any, error) {
	switch value := a[0].(type) {
	case string:
		return int64(utf8.RuneCountInString(value)), nil
	case []byte:
		return int64(len(value)), nil
	case []any:
		return int64(len(value)), nil
	case map[string]any:
		return int64(len(value)), nil
	}
	return nil, mismatch(a)
}

func toInt(a []any) (any, error) {
	switch value := a[0].(type) {
	case int64:
		return value, nil
	case float64:
		if value <= -(1<<63) || value >= 1<<63 {
			return nil, failed("integer overflow")
		}
		return int64(value), nil
	case string:
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return nil, failed("%v", err)
		}
		return n, nil
	}
	return nil, mismatch(a)
}

func toDouble(a []any) (any, error) {
	switch value := a[0].(type) {
	case int64:
		return float64(value), nil
	case float64:
		return value, nil
	case string:
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return nil, failed("%v", err)
		}
		return n, nil
	}
	return nil, mismatch(a)
}

func toString(a []any) (any, error) {
	switch value := a[0].(type) {
	case string:
		return value, nil
	case int64:
		return strconv.FormatInt(value, 10), nil
	case bool:
		return strconv.FormatBool(value), nil
	}
	return nil, mismatch(a)
}

func toDuration(a []any) (any, error) {
	switch value := a[0].(type) {
	case time.Duration:
		return value, nil
	case string:
		d, err := time.ParseDuration(value)
		if err != nil {
			return nil, failed("%v", err)
		}
		return d, nil
	}
	return nil, mismatch(a)
}

// patterns are those that are no literals; of literals each call keeps its own.
var patterns sync.Map

func matches(a []any) (any, error) {
	text, ok := a[0].(string)
	pattern, alsoOK := a[1].(string)
	if !ok || !alsoOK {
		return nil, mismatch(a)
	}
	compiled, err := regular(pattern)
	if err != nil {
		return nil, failed("%v", err)
	}
	return compiled.MatchString(text), nil
}

func regular(pattern string) (*regexp.Regexp, error) {
	if known, ok := patterns.Load(pattern); ok {
		compiled, _ := known.(*regexp.Regexp)
		return compiled, nil
	}
	compiled, err := regexp.Compile(pattern)
	if err == nil {
		patterns.Store(pattern, compiled)
	}
	return compiled, err
}

// matching is matches with a literal: it is compiled when it is first asked, since most rules never are.
func matching(of, literal expr) (expr, error) {
	value, _ := literal.eval(nil)
	pattern, ok := value.(string)
	if !ok {
		return expr{}, fmt.Errorf("matches: want a string")
	}
	compiled := sync.OnceValues(func() (*regexp.Regexp, error) { return regexp.Compile(pattern) })
	return expr{eval: func(f *frame) (any, error) {
		value, err := of.eval(f)
		if err != nil {
			return nil, err
		}
		text, ok := value.(string)
		if !ok {
			return nil, unsure("matches: want a string")
		}
		expression, err := compiled()
		if err != nil {
			return nil, failed("%v", err)
		}
		return expression.MatchString(text), nil
	}}, nil
}

func find(a []any) (any, error) {
	text, ok := a[0].(string)
	pattern, alsoOK := a[1].(string)
	if !ok || !alsoOK {
		return nil, mismatch(a)
	}
	compiled, err := regular(pattern)
	if err != nil {
		return nil, failed("%v", err)
	}
	return compiled.FindString(text), nil
}

func lower(r rune) rune {
	if r >= 'A' && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}

func upper(r rune) rune {
	if r >= 'a' && r <= 'z' {
		return r + 'A' - 'a'
	}
	return r
}

func split(a []any) (any, error) {
	text, ok := a[0].(string)
	separator, alsoOK := a[1].(string)
	limit := int64(-1)
	if len(a) == 3 {
		n, isInt := a[2].(int64)
		limit, ok = n, ok && isInt
	}
	if !ok || !alsoOK {
		return nil, mismatch(a)
	}
	parts := strings.SplitN(text, separator, int(limit))
	list := make([]any, len(parts))
	for i := range parts {
		list[i] = parts[i]
	}
	return list, nil
}

func replace(a []any) (any, error) {
	text, ok := a[0].(string)
	old, oldOK := a[1].(string)
	with, withOK := a[2].(string)
	limit := int64(-1)
	if len(a) == 4 {
		n, isInt := a[3].(int64)
		limit, ok = n, ok && isInt
	}
	if !ok || !oldOK || !withOK {
		return nil, mismatch(a)
	}
	return strings.Replace(text, old, with, int(limit)), nil
}

// substring counts characters, as all of these do.
func substring(a []any) (any, error) {
	text, ok := a[0].(string)
	start, alsoOK := a[1].(int64)
	if !ok || !alsoOK {
		return nil, mismatch(a)
	}
	characters := []rune(text)
	end := int64(len(characters))
	if len(a) == 3 {
		if end, ok = a[2].(int64); !ok {
			return nil, mismatch(a)
		}
	}
	if start < 0 || end > int64(len(characters)) || start > end {
		return nil, failed("index out of range: %d", start)
	}
	return string(characters[start:end]), nil
}

func charAt(a []any) (any, error) {
	text, ok := a[0].(string)
	at, alsoOK := a[1].(int64)
	if !ok || !alsoOK {
		return nil, mismatch(a)
	}
	characters := []rune(text)
	switch {
	case at < 0 || at > int64(len(characters)):
		return nil, failed("index out of range: %d", at)
	case at == int64(len(characters)):
		return "", nil
	}
	return string(characters[at]), nil
}

func join(a []any) (any, error) {
	list, ok := a[0].([]any)
	separator, alsoOK := "", true
	if len(a) == 2 {
		separator, alsoOK = a[1].(string)
	}
	if !ok || !alsoOK {
		return nil, mismatch(a)
	}
	parts := make([]string, len(list))
	for i := range list {
		if parts[i], ok = list[i].(string); !ok {
			return nil, mismatch(a)
		}
	}
	return strings.Join(parts, separator), nil
}

// index finds a part of a text, or an element of a list.
func index(find func(s, t string) int, last bool) func([]any) (any, error) {
	return func(a []any) (any, error) {
		switch value := a[0].(type) {
		case string:
			part, ok := a[1].(string)
			if !ok {
				return nil, mismatch(a)
			}
			at := find(value, part)
			if at > 0 {
				at = utf8.RuneCountInString(value[:at])
			}
			return int64(at), nil
		case []any:
			found := int64(-1)
			for i, element := range value {
				if equal(element, a[1]) && (last || found < 0) {
					found = int64(i)
				}
			}
			return found, nil
		}
		return nil, mismatch(a)
	}
}

// address reads an IP address as the API server does: no zone, and no IPv4 within IPv6.
func address(s string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(s)
	return a, err == nil && a.Zone() == "" && !a.Is4In6()
}

func isCIDR(s string) bool {
	p, err := netip.ParsePrefix(s)
	return err == nil && p.Addr().Zone() == "" && !p.Addr().Is4In6()
}

func isURL(s string) bool {
	u, err := url.ParseRequestURI(s)
	return err == nil && u != nil
}

// all reports whether one list has all elements of another.
func all(list, elements any) (any, error) {
	wanted, ok := elements.([]any)
	if !ok {
		return nil, unsure("sets: want lists")
	}
	for _, element := range wanted {
		if has, err := contains(list, element); err != nil || has == false {
			return false, err
		}
	}
	return true, nil
}

func intersects(a []any) (any, error) {
	elements, ok := a[1].([]any)
	if !ok {
		return nil, mismatch(a)
	}
	for _, element := range elements {
		if has, err := contains(a[0], element); err != nil || has == true {
			return has, err
		}
	}
	return false, nil
}

func equivalent(a []any) (any, error) {
	if has, err := all(a[0], a[1]); err != nil || has == false {
		return has, err
	}
	return all(a[1], a[0])
}
