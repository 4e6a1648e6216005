// Package corpus writes the trees that tlsward is measured on: manifests as teams keep them in a GitOps repository, with
// faults known by construction and decoys that only look like faults. The same Spec gives the same bytes on every
// machine, and with them exactly what a linter must find, line by line. It knows no rule but by its id.
package corpus

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/tlsward/tlsward/kube"
)

// Now is the clock that the certificates are minted at, and that a tree must be judged at.
var Now = time.Date(2026, time.November, 2, 12, 0, 0, 0, time.UTC)

// Spec says how large a tree is and what it is made of.
type Spec struct {
	// Objects and Files are met, but for an object or two, where the tree is large enough to hold the scenes.
	Objects, Files int
	// TLS, Relevant and Faulty are shares: of the objects that have to do with TLS, of those whose kind tlsward decodes,
	// and of the TLS objects with a fault. Faults is the least number of faulty scenes, whatever their share.
	TLS, Relevant, Faulty float64
	Faults                int
	// Synthetic is the number of synthetic rules (see WriteRules) that some Services of the tree break, each once.
	Synthetic int
	// Kustomized puts a kustomization.yaml into the folder of every app that stands by itself; they come on top of
	// Objects and Files.
	Kustomized bool
	// Overlays makes it a tree of so many kustomize overlays of one base instead; Objects is what they make, more or less.
	Overlays int
}

// The trees of docs/performance.md: the shares are those of the tree the peers were measured on.
var (
	Large = Spec{Objects: 10_000, Files: 2_700, TLS: 0.09, Relevant: 0.32, Faulty: 0.08}
	Small = Spec{Objects: 200, Files: 55, TLS: 0.09, Relevant: 0.32, Faults: 8}
	One   = Spec{Objects: 4, Files: 1, Faults: 1}
	Huge  = Spec{Objects: 100_000, Files: 27_000, TLS: 0.09, Relevant: 0.32, Faulty: 0.08}
	// Dense is what many rules are measured on: most of its documents are of kinds that some rule judges.
	Dense = Spec{Objects: 10_000, Files: 2_700, TLS: 0.09, Relevant: 0.60, Faulty: 0.08, Synthetic: 20}
	// Overlays is a base of 60 objects in a hundred environments.
	Overlays = Spec{Objects: 6_000, Overlays: 100}
	// Kustomized is Large as kustomize users keep it: some hundred roots instead of one.
	Kustomized = Spec{Objects: 10_000, Files: 2_700, TLS: 0.09, Relevant: 0.32, Faulty: 0.08, Kustomized: true}
)

// Want is one finding that a run over the tree must report.
type Want struct {
	Rule   string
	File   string // relative to the tree, with slashes
	Line   int
	Object string // as kube.ID.String writes it
}

// Compare orders wants as a report does.
func (w Want) Compare(other Want) int {
	return cmp.Or(cmp.Compare(w.File, other.File), cmp.Compare(w.Line, other.Line),
		cmp.Compare(w.Rule, other.Rule), cmp.Compare(w.Object, other.Object))
}

// Tree is a generated tree.
type Tree struct {
	Files []File // by name
	Wants []Want // in order
	// External, Complete, Classes: what the config in the tree says, for those who run without it.
	External []kube.ID
	Complete []string
	Classes  map[string]string
	Count    Count
}

// File is one manifest file; Name is relative to the tree, with slashes.
type File struct {
	Name string
	Data []byte
}

// Count says what a tree is made of.
type Count struct {
	Files, Objects, Relevant, TLS, Faulty, Suppressed, Bytes int
	// Decoys counts, by name, the scenes that look faulty and are not; Faults those that are.
	Decoys, Faults map[string]int
}

// ConfigName is the config file of the tree, which no run counts among the manifests.
const ConfigName = ".tlsward.yaml"

// Generate makes a tree.
func Generate(spec Spec) *Tree {
	if spec.Overlays > 0 {
		return overlays(spec)
	}
	g := &generator{
		spec: spec, rand: rand.New(rand.NewPCG(20261102, 7)), pki: mint(Now), files: map[string]*file{},
		count: Count{Decoys: map[string]int{}, Faults: map[string]int{}},
	}
	g.makeApps()
	g.infrastructure()
	g.scenes()
	g.fill()
	g.kustomize()
	return g.tree()
}

// Write writes a tree into a directory, which it makes.
func (t *Tree) Write(dir string) error {
	for _, f := range t.Files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return fmt.Errorf("corpus: %w", err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			return fmt.Errorf("corpus: %w", err)
		}
	}
	return nil
}

// RelevantKinds are the kinds of the corpus that tlsward decodes; a test of the bench compares them with the rulebook.
func RelevantKinds() []string { return kube.SortedKeys(relevantKinds) }

var relevantKinds = map[string]bool{
	"BackendTLSPolicy.gateway.networking.k8s.io": true, "Bundle.trust.cert-manager.io": true,
	"Certificate.cert-manager.io": true, "ConfigMap": true, "ExternalSecret.external-secrets.io": true,
	"Gateway.gateway.networking.k8s.io": true, "GatewayClass.gateway.networking.k8s.io": true,
	"HTTPRoute.gateway.networking.k8s.io": true, "Ingress.networking.k8s.io": true,
	"IngressClass.networking.k8s.io": true, "ReferenceGrant.gateway.networking.k8s.io": true,
	"SealedSecret.bitnami.com": true, "Secret": true, "Service": true,
}

// tree joins what was generated.
func (g *generator) tree() *Tree {
	t := &Tree{External: g.external, Complete: g.complete, Classes: classes, Count: g.count}
	faulty := map[string]bool{}
	for _, name := range kube.SortedKeys(g.files) {
		data, wants := g.files[name].render()
		t.Files = append(t.Files, File{name, data})
		t.Count.Bytes += len(data)
		g.subjects = append(g.subjects, wants...)
	}
	t.Wants = sayOnce(g.subjects)
	for _, w := range t.Wants {
		faulty[w.Object] = true
	}
	t.Count.Files, t.Count.Faulty = len(t.Files), len(faulty)
	if config := g.config(); config != "" {
		t.Files = append(t.Files, File{ConfigName, []byte(config)})
	}
	return t
}

// sayOnce keeps, of the findings that say that one and the same thing could not be judged, the first.
func sayOnce(wants []want) []Want {
	slices.SortStableFunc(wants, func(a, b want) int { return a.Compare(b.Want) })
	said := map[string]bool{}
	var kept []Want
	for _, w := range wants {
		if w.subject != "" {
			key := w.Rule + " " + w.subject
			if said[key] {
				continue
			}
			said[key] = true
		}
		kept = append(kept, w.Want)
	}
	return kept
}
