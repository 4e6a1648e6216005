// Package compiled keeps rules as OPA's compiler has left them, so that a run need not parse and compile those of a rulebook whose
// tests have done that. It knows syntax trees and how they are written; who compiles, and whether what is kept is still of the rules as
// they stand, is the engine's business.
package compiled

import (
	"encoding/binary"
	"maps"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/tlsward/tlsward/engine/archive"
)

// Set holds the compiled rules of a rulebook: trees of rules by their ids, and of names in lib/ by their paths. Safe for concurrent use.
type Set struct{ written *archive.Archive }

var libraryRoot = ast.Ref{ast.DefaultRootDocument, ast.StringTerm("lib")}

// Write keeps rules, by their ids, as a compiler of all of them has left their modules, each with a version. What has a kind of step
// that Read does not know is left out.
func Write(compiler *ast.Compiler, modules map[string]*ast.Module, version func(id string) string) string {
	var entries []archive.Entry
	library := map[string][]*ast.Rule{}
	for id, module := range modules {
		reached := reach(compiler, module, library)
		var w writer
		w.number(len(reached))
		for _, name := range reached {
			w.string(name)
		}
		w.rules(module.Package.Path, module.Rules)
		if !w.unknown {
			entries = append(entries, archive.Entry{Name: id, Version: version(id), Text: string(w.text)})
		}
	}
	for name, rules := range library {
		var w writer
		w.rules(rules[0].Module.Package.Path, rules)
		if !w.unknown {
			entries = append(entries, archive.Entry{Name: name, Text: string(w.text)})
		}
	}
	slices.SortFunc(entries, func(a, b archive.Entry) int { return strings.Compare(a.Name, b.Name) })
	return archive.Write(entries)
}

// reach lists what a module may ask of lib/, itself and by way of what it asks, and adds the rules that answer to library.
func reach(compiler *ast.Compiler, module *ast.Module, library map[string][]*ast.Rule) []string {
	reached := map[string]bool{}
	var visit func(node any)
	visit = func(node any) {
		ast.WalkRefs(node, func(ref ast.Ref) bool {
			if !ref.HasPrefix(libraryRoot) {
				return false
			}
			for _, rule := range compiler.GetRulesDynamicWithOpts(ref, ast.RulesOptions{IncludeHiddenModules: true}) {
				name := rule.Ref().GroundPrefix().String()
				if reached[name] {
					continue
				}
				reached[name] = true
				library[name] = compiler.GetRulesExact(rule.Ref().GroundPrefix())
				for _, clause := range library[name] {
					visit(clause)
				}
			}
			return false
		})
	}
	visit(module)
	return slices.Sorted(maps.Keys(reached))
}

// Read reads what Write has written; each rule when it is asked for.
func Read(written *archive.Archive) *Set { return &Set{written} }

// Modules are new ones of a rule, by its id, and of what it may ask of lib/. Names are those that begin the references in them, such as
// those of builtins. ok is false where the set does not have the rule, or of another version.
func (s *Set) Modules(id, version string) (modules []*ast.Module, names map[string]bool, ok bool, err error) {
	tree, ok, err := s.written.Text(id, version)
	if !ok || err != nil {
		return nil, nil, false, err
	}
	names = map[string]bool{}
	r := reader{rest: string(tree), names: names}
	reached := make([]string, r.count())
	for i := range reached {
		reached[i] = r.string()
	}
	modules = append(modules, r.module())
	if err := r.end(id); err != nil {
		return nil, nil, false, err
	}
	byPackage := map[string]*ast.Module{}
	for _, name := range reached {
		tree, ok, err := s.written.Text(name, "")
		if !ok || err != nil {
			return nil, nil, false, err
		}
		r := reader{rest: string(tree), names: names}
		module := r.module()
		if err := r.end(name); err != nil {
			return nil, nil, false, err
		}
		path := module.Package.Path.String()
		if known := byPackage[path]; known != nil {
			known.Rules = append(known.Rules, module.Rules...)
			continue
		}
		byPackage[path] = module
		modules = append(modules, module)
	}
	return modules, names, true, nil
}

// Each kind of value begins with one of these letters.
const (
	letterNull          = '0'
	letterTrue          = 't'
	letterFalse         = 'f'
	letterNumber        = 'n'
	letterString        = 's'
	letterVar           = 'v'
	letterRef           = 'r'
	letterCall          = 'c'
	letterArray         = 'a'
	letterSet           = 'e'
	letterObject        = 'o'
	letterArrayOf       = 'A'
	letterSetOf         = 'E'
	letterObjectOf      = 'O'
	letterTerm          = '1' // an expression that is one term,
	letterTerms         = '+' // a call,
	letterEvery         = 'y' // or an every
	flagNegated    byte = 1   // of an expression
	flagGenerated  byte = 2
	flagDefault    byte = 1 // of a rule
	flagAssign     byte = 2
	flagKey        byte = 4
	flagValue      byte = 8
	flagElse       byte = 16
)

type writer struct {
	text []byte
	// unknown: there was something that has no letter.
	unknown bool
}

func (w *writer) letter(c byte) { w.text = append(w.text, c) }

func (w *writer) number(n int) {
	if n < 0 {
		w.unknown = true
		return
	}
	w.text = binary.AppendUvarint(w.text, uint64(n))
}

func (w *writer) string(s string) {
	w.number(len(s))
	w.text = append(w.text, s...)
}

func (w *writer) rules(path ast.Ref, rules []*ast.Rule) {
	w.value(path)
	file := ""
	if len(rules) > 0 && rules[0].Location != nil {
		file = rules[0].Location.File
	}
	w.string(file)
	w.number(len(rules))
	for _, rule := range rules {
		w.rule(rule)
	}
}

func flags(set map[byte]bool) (all byte) {
	for flag, on := range set {
		if on {
			all |= flag
		}
	}
	return all
}

func (w *writer) rule(rule *ast.Rule) {
	head := rule.Head
	w.letter(flags(map[byte]bool{
		flagDefault: rule.Default, flagAssign: head.Assign, flagKey: head.Key != nil, flagValue: head.Value != nil, flagElse: rule.Else != nil,
	}))
	w.location(rule.Location)
	w.location(head.Location)
	w.string(string(head.Name))
	w.value(head.Reference)
	w.terms(head.Args)
	for _, term := range []*ast.Term{head.Key, head.Value} {
		if term != nil {
			w.value(term.Value)
		}
	}
	w.body(rule.Body)
	if rule.Else != nil {
		w.rule(rule.Else)
	}
}

func (w *writer) location(at *ast.Location) {
	if at == nil {
		at = &ast.Location{}
	}
	w.number(at.Row)
	w.number(at.Col)
}

func (w *writer) body(body ast.Body) {
	w.number(len(body))
	for _, expr := range body {
		w.letter(flags(map[byte]bool{flagNegated: expr.Negated, flagGenerated: expr.Generated}))
		w.location(expr.Location)
		w.number(expr.Index)
		w.number(len(expr.With))
		for _, with := range expr.With {
			w.value(with.Target.Value)
			w.value(with.Value.Value)
		}
		switch terms := expr.Terms.(type) {
		case *ast.Term:
			w.letter(letterTerm)
			w.value(terms.Value)
		case []*ast.Term:
			w.letter(letterTerms)
			w.terms(terms)
		case *ast.Every:
			w.letter(letterEvery)
			key := ast.NullValue
			if terms.Key != nil {
				key = terms.Key.Value
			}
			w.value(key)
			w.value(terms.Value.Value)
			w.value(terms.Domain.Value)
			w.body(terms.Body)
		default:
			w.unknown = true
		}
	}
}

func (w *writer) terms(terms []*ast.Term) {
	w.number(len(terms))
	for _, term := range terms {
		w.value(term.Value)
	}
}

func (w *writer) value(value ast.Value) {
	switch v := value.(type) {
	case ast.Null:
		w.letter(letterNull)
	case ast.Boolean:
		if v {
			w.letter(letterTrue)
		} else {
			w.letter(letterFalse)
		}
	case ast.Number:
		w.letter(letterNumber)
		w.string(string(v))
	case ast.String:
		w.letter(letterString)
		w.string(string(v))
	case ast.Var:
		w.letter(letterVar)
		w.string(string(v))
	case ast.Ref:
		w.letter(letterRef)
		w.terms(v)
	case ast.Call:
		w.letter(letterCall)
		w.terms(v)
	case *ast.Array:
		w.letter(letterArray)
		w.number(v.Len())
		v.Foreach(func(t *ast.Term) { w.value(t.Value) })
	case ast.Set:
		w.letter(letterSet)
		w.terms(v.Slice())
	case ast.Object:
		w.letter(letterObject)
		w.number(v.Len())
		v.Foreach(func(key, value *ast.Term) {
			w.value(key.Value)
			w.value(value.Value)
		})
	case *ast.ArrayComprehension:
		w.letter(letterArrayOf)
		w.value(v.Term.Value)
		w.body(v.Body)
	case *ast.SetComprehension:
		w.letter(letterSetOf)
		w.value(v.Term.Value)
		w.body(v.Body)
	case *ast.ObjectComprehension:
		w.letter(letterObjectOf)
		w.value(v.Key.Value)
		w.value(v.Value.Value)
		w.body(v.Body)
	default:
		w.unknown = true
	}
}
