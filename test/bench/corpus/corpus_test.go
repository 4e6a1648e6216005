package corpus

import (
	"bytes"
	"math"
	"testing"
)

func TestGenerateIsDeterministic(t *testing.T) {
	for name, spec := range map[string]Spec{"small": Small, "one": One, "large": Large, "dense": Dense} {
		a, b := Generate(spec), Generate(spec)
		if len(a.Files) != len(b.Files) || len(a.Wants) != len(b.Wants) {
			t.Fatalf("%s: %d and %d files, %d and %d wants", name, len(a.Files), len(b.Files), len(a.Wants), len(b.Wants))
		}
		for i := range a.Files {
			if a.Files[i].Name != b.Files[i].Name || !bytes.Equal(a.Files[i].Data, b.Files[i].Data) {
				t.Fatalf("%s: %s differs", name, a.Files[i].Name)
			}
		}
		for i := range a.Wants {
			if a.Wants[i] != b.Wants[i] {
				t.Fatalf("%s: %v and %v", name, a.Wants[i], b.Wants[i])
			}
		}
	}
}

func TestGenerateMeetsItsSpec(t *testing.T) {
	for name, spec := range map[string]Spec{"small": Small, "large": Large, "dense": Dense} {
		tree := Generate(spec)
		c := tree.Count
		near := func(what string, got, want, tolerance float64) {
			if math.Abs(got-want) > tolerance {
				t.Errorf("%s: %s: %v, want %v", name, what, got, want)
			}
		}
		objects := float64(spec.Objects)
		near("objects", float64(c.Objects), objects, 5)
		near("files", float64(c.Files), float64(spec.Files), 5)
		near("TLS share", float64(c.TLS)/objects, spec.TLS, 0.02)
		near("relevant share", float64(c.Relevant)/objects, spec.Relevant, 0.10)
		if spec.Faulty > 0 {
			near("faulty share", float64(c.Faulty)/float64(c.TLS), spec.Faulty, 0.04)
		}
	}
}

// Marks must not reach a file: they would be part of the manifest.
func TestGenerateLeavesNoMarks(t *testing.T) {
	for _, f := range Generate(Large).Files {
		if bytes.ContainsAny(f.Data, string([]byte{markByte, subjectByte})) || bytes.ContainsAny(f.Data, "\t") {
			t.Errorf("%s holds a mark or a tab", f.Name)
		}
	}
}

// Every scene must be in the large tree, or a rule could be wrong and nobody would see.
func TestLargeHoldsEveryScene(t *testing.T) {
	count := Generate(Large).Count
	faults := len(ingressFaults) + len(policyFaults) + len(gatewayFaults) + 1 // those of the text count as one
	if got := len(count.Faults); got != faults {
		t.Errorf("%d faulty scenes, want %d", got, faults)
	}
	if got, want := len(count.Decoys), len(goodIngresses)+len(goodPolicies)+len(goodGateways); got != want {
		t.Errorf("%d good scenes, want %d", got, want)
	}
}
