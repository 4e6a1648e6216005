// Package effectivetest makes trees of YAML texts and writes rows as text, for tests of package effective and of what is built on
// it. It reads the texts as `tlsward effective` reads files, so that a scene is what a user has.
package effectivetest

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tlsward/tlsward/config"
	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/lint"
	"github.com/tlsward/tlsward/pki/pkitest"
	"github.com/tlsward/tlsward/policies"
	"github.com/tlsward/tlsward/rule"
	"github.com/tlsward/tlsward/schema/crd"
)

// Now is the clock of all scenes.
var Now = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// placeholder stands for base64 of something that is minted: <<ca corp>>, a root's certificate; <<crl corp>>, its list of revoked
// certificates, an empty one; <<certificate shop.test corp>> and <<key shop.test corp>>, a leaf of that root and its key.
var placeholder = regexp.MustCompile(`<<(ca|crl|certificate|key) ([A-Za-z0-9.*_-]+)(?: ([A-Za-z0-9._-]+))?>>`)

// Fill mints what the placeholders of a text stand for. The same names give the same bytes in every run.
func Fill(text string) string {
	mint := pkitest.New("effective", Now)
	return placeholder.ReplaceAllStringFunc(text, func(found string) string {
		match := placeholder.FindStringSubmatch(found)
		kind, name, authority := match[1], match[2], match[3]
		var pem string
		switch {
		case kind == "ca":
			pem = pkitest.Bundle(mint.Root(name))
		case kind == "crl":
			pem = mint.CRL(mint.Root(name))
		case authority == "":
			panic(found + ": want a CA after the name")
		case kind == "certificate":
			pem = pkitest.Bundle(mint.Leaf(mint.Root(authority), name))
		default:
			pem = mint.Leaf(mint.Root(authority), name).KeyPEM
		}
		return base64.StdEncoding.EncodeToString([]byte(pem))
	})
}

// Trees reads texts by the names of their files. One named .tlsward.yaml is the config, whose controllers, complete namespaces,
// external objects and schemas count.
func Trees(tb testing.TB, files map[string]string) []lint.Tree {
	tb.Helper()
	trees, _ := read(tb, files, false)
	return trees
}

// Judge answers and judges: the tree of the texts, and what rules find in each object by itself, before what several say of one thing is
// said once. The texts are of one root.
func Judge(tb testing.TB, files map[string]string) (lint.Tree, []rule.Finding) {
	tb.Helper()
	trees, findings := read(tb, files, true)
	if len(trees) > 1 {
		tb.Fatalf("%d roots, want one", len(trees))
	}
	if len(trees) == 0 {
		return lint.Tree{Tree: effective.NewTree(nil, nil, "")}, findings
	}
	return trees[0], findings
}

// recorder keeps what a reviewer finds.
type recorder struct {
	*engine.Engine
	lock     sync.Mutex
	findings []rule.Finding
}

func (r *recorder) Review(ctx context.Context, request engine.Request) (rule.Decision, error) {
	decision, err := r.Engine.Review(ctx, request)
	r.lock.Lock()
	defer r.lock.Unlock()
	r.findings = append(append(r.findings, decision.Findings...), decision.Suppressed...)
	return decision, err
}

func read(tb testing.TB, files map[string]string, judge bool) ([]lint.Tree, []rule.Finding) {
	tb.Helper()
	dir, e, o := prepare(tb, files)
	trees, result, err := lint.Trees(tb.Context(), []string{dir}, e, effective.Kinds(effective.Models()), o)
	if err != nil {
		tb.Fatal(err)
	}
	for _, problem := range result.Problems {
		tb.Errorf("%s:%d: %s", filepath.Base(problem.At.File), problem.At.Line, problem.Message)
	}
	if !judge {
		return trees, nil
	}
	r := &recorder{Engine: e}
	o.Reviewer = r
	if _, err := lint.Run(tb.Context(), []string{dir}, o); err != nil {
		tb.Fatal(err)
	}
	return trees, r.findings
}

// prepare writes the texts into a folder, and says how they are to be read.
func prepare(tb testing.TB, files map[string]string) (dir string, e *engine.Engine, o lint.Options) {
	tb.Helper()
	dir = tb.TempDir()
	c := &config.Config{}
	for _, name := range kube.SortedKeys(files) {
		if name == config.FileName {
			var err error
			if c, err = config.Parse(name, []byte(files[name])); err != nil {
				tb.Fatal(err)
			}
			continue
		}
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(Fill(files[name])), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	e, err := engineOf(files[config.FileName], c)
	if err != nil {
		tb.Fatal(err)
	}
	o = lint.Options{Now: Now, Complete: c.Complete, Boundary: dir}
	for _, x := range c.External {
		o.External = append(o.External, inventory.External{Group: x.Group, Kind: x.Kind, Namespace: x.Namespace, Name: x.Name, Keys: x.Keys})
	}
	if o.Schemas, err = crd.New(crd.Releases(c.Schemas)); err != nil {
		tb.Fatal(err)
	}
	return dir, e, o
}

// engines are those that were made, by the texts of their configs: reading the rules is most of a scene's time.
var engines sync.Map

func engineOf(text string, c *config.Config) (*engine.Engine, error) {
	if known, ok := engines.Load(text); ok {
		return known.(*engine.Engine), nil //nolint:forcetypeassert // nothing else is stored
	}
	e, err := engine.New(engine.Settings{
		Rules: c.Settings, OnlyControllers: c.Controllers.Only, Classes: c.Controllers.Classes, ControllerSettings: c.Controllers.Settings,
	}, engine.Rulebook{Name: "tlsward", FS: policies.FS(), Verified: true})
	if err == nil {
		engines.Store(text, e)
	}
	return e, err
}

// Rows answers for texts by the names of their files, tree by tree.
func Rows(tb testing.TB, files map[string]string) []effective.Row {
	tb.Helper()
	var rows []effective.Row
	for _, tree := range Trees(tb, files) {
		rows = append(rows, effective.Rows(tree.Tree, effective.Models())...)
	}
	return rows
}

// Text writes rows for people to compare: one line for a row, and below it one for each question that arises in it, with what
// decided it.
func Text(rows []effective.Row) string {
	var b strings.Builder
	for i := range rows {
		r := &rows[i]
		fmt.Fprintf(&b, "%s %s ", r.Controller, r.Proxy)
		if r.Service != "" {
			fmt.Fprintf(&b, "Service %s\n", r.Service)
		} else {
			host := r.Host
			if host == "" {
				host = "<any host>"
			}
			fmt.Fprintf(&b, "%s:%d", host, r.Port)
			if r.Path != "" {
				fmt.Fprintf(&b, " %s %s", r.Path, r.Match)
			}
			b.WriteByte('\n')
		}
		for _, aspect := range effective.Aspects() {
			value(&b, aspect, *r.Value(aspect))
		}
	}
	return b.String()
}

func value(b *strings.Builder, aspect effective.Aspect, v effective.Value) {
	if !v.Asked() {
		return
	}
	if v.Unknown != "" {
		fmt.Fprintf(b, "  %s: unknown: %s\n", aspect, v.Unknown)
	} else {
		fmt.Fprintf(b, "  %s: %s\n", aspect, v.Is)
	}
	for _, by := range v.By {
		fmt.Fprintf(b, "    by %s", by.Object)
		if len(by.Path) > 0 {
			fmt.Fprintf(b, " %s", by.Path)
		}
		if by.Because != "" {
			fmt.Fprintf(b, " (%s)", by.Because)
		}
		b.WriteByte('\n')
	}
	if v.Assumed != "" {
		fmt.Fprintf(b, "    assuming %s\n", v.Assumed)
	}
}
