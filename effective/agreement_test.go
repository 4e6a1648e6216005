package effective_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tlsward/tlsward/config"
	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/effective/effectivetest"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

// judged is a tree with what rules find in it, and what is in force there.
type judged struct {
	tree     *effective.Tree
	findings []rule.Finding
	rows     []effective.Row
	// only are the rows that alone has answered with.
	only map[kube.ID][]effective.Row
}

func judge(t *testing.T, files map[string]string) *judged {
	t.Helper()
	tree, findings := effectivetest.Judge(t, files)
	return &judged{
		tree: tree.Tree, findings: findings, rows: effective.Rows(tree.Tree, effective.Models()), only: map[kube.ID][]effective.Row{},
	}
}

// alone are the rows that there would be if no other object of its kind were there.
func (j *judged) alone(id kube.ID) []effective.Row {
	if rows, known := j.only[id]; known {
		return rows
	}
	objects := slices.DeleteFunc(slices.Clone(j.tree.Objects), func(o effective.Object) bool {
		return o.ID.GroupKind() == id.GroupKind() && o.ID != id
	})
	rows := effective.Rows(effective.NewTree(objects, j.tree.Inventory, j.tree.Scope), effective.Models())
	j.only[id] = rows
	return rows
}

// found reports whether one of some rules finds something in an object.
func (j *judged) found(object kube.ID, rules ...string) bool {
	return slices.ContainsFunc(j.findings, func(f rule.Finding) bool {
		return f.Object == object && (slices.Contains(rules, f.Rule) || f.Unknown)
	})
}

// catchAll is what findings call the server for hosts that have none.
const catchAll = "the catch-all server"

var word = regexp.MustCompile(`[a-zA-Z0-9*.-]*[a-zA-Z0-9*]`)

// about are the rows of the hosts that a finding names in its effect, on one port; of a list that is cut short, of those that are left.
func (j *judged) about(f *rule.Finding, controller string, port int) (rows []effective.Row) {
	words := map[string]bool{}
	for _, w := range word.FindAllString(f.Effect, -1) {
		words[w] = true
	}
	for i := range j.rows {
		r := &j.rows[i]
		if r.Controller != controller || r.Port != port {
			continue
		}
		if words[r.Host] || r.Host == "" && strings.Contains(f.Effect, catchAll) {
			rows = append(rows, *r)
		}
	}
	return rows
}

// ahead are trees of which rows say what no rule does, with the reason.
func ahead() map[string]string {
	const (
		soon  = "somebody is about to mend it, which rules see; rows are about this moment"
		meant = "it is meant so"
		mute  = "no rule is about it so far"
	)
	return map[string]string{
		"certificates/key-mismatch/good-empty.yaml":                        soon,
		"certificates/san-mismatch/good-new-host.yaml":                     soon,
		"certificates/san-mismatch/good-new-name.yaml":                     soon,
		"certificates/san-mismatch/good-other-namespace.yaml":              soon,
		"gateway-api/key-pair-incomplete/good-being-made.yaml":             soon,
		"ingress-nginx/ca-beside-broken-key-pair/good-being-made.yaml":     soon,
		"ingress-nginx/client-ca-without-certificate/good-being-made.yaml": soon,
		"ingress-nginx/server-certificate-without-key-pair/good.yaml":      soon,
		"traefik/client-certificates-off-for-host/good.yaml":               soon,
		"gateway-api/client-validation-off-for-port/good-only-port.yaml":   meant,
		"ingress-nginx/client-ca-without-certificate/good-off.yaml":        meant,
		"testdata/istio/gateway-listener-set":                              mute,
		"testdata/kong/ingress-default-certificate":                        mute,
	}
}

// claim says what the rows must be where a rule finds something; "" where they are so.
type claim func(j *judged, f *rule.Finding) string

// duty lists what rows say and no rule does.
type duty func(j *judged) []string

// surroundings are trees by name, with their config.
func surroundings(t *testing.T) map[string]map[string]string {
	t.Helper()
	all := trees(t)
	files, err := filepath.Glob("../policies/*/*/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenes of rules: %v", err)
	}
	for _, file := range files {
		name := strings.TrimPrefix(filepath.ToSlash(file), "../policies/")
		if strings.HasPrefix(name, "manifests/") || strings.HasPrefix(name, "suppressions/") {
			continue // what cannot be read, and what is not to be judged
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = scenesFiles(string(data))
	}
	return all
}

// scenesFiles parts the config of a rule's scene from its manifests.
func scenesFiles(text string) map[string]string {
	files := map[string]string{}
	for document := range strings.SplitSeq("\n"+text, "\n---") {
		if strings.Contains(document+"\n", "\nkind: Config\n") {
			files[config.FileName] = document
			continue
		}
		files["scene.yaml"] += "---" + document + "\n"
	}
	return files
}

// listedHost is one of spec.tls, which no API server takes in capitals.
var listedHost = regexp.MustCompile(`hosts: \["[^"]*"\]`)

var createdLine = regexp.MustCompile(`(?m)^  creationTimestamp: .*\n`)

// generated are trees of Ingresses at random: with times of creation, as in a cluster, and without, as in files.
func generated() map[string]map[string]string {
	all := map[string]map[string]string{}
	settings := []string{
		"", "ssl-redirect: \"false\"", "force-ssl-redirect: \"true\"", "proxy-ssl-location-only: \"true\"",
		"use-forwarded-headers: \"true\", no-tls-redirect-locations: \"/docs\"", "enable-ssl-passthrough: \"true\"",
	}
	const scenes = 25
	for i, setting := range settings {
		for _, dated := range []bool{true, false} {
			for scene := range scenes {
				text := listedHost.ReplaceAllStringFunc(effectivetest.Ingresses(uint64(i*scenes+scene+1), scene, 1, effectivetest.Now, 15), strings.ToLower) //nolint:gosec // small numbers
				// No two of a second: among those facts cannot tell who is older, and ingress-nginx goes by the names.
				second := 0
				text = createdLine.ReplaceAllStringFunc(text, func(line string) string {
					if second++; dated {
						return strings.Replace(line, ":00Z", fmt.Sprintf(":%02dZ", second), 1)
					}
					return ""
				})
				namespaces := fmt.Sprintf("complete: [s%da, s%db]\n", scene, scene)
				all[fmt.Sprintf("generated/%d/%t/%d", i, dated, scene)] = map[string]string{
					"tree.yaml":     text,
					config.FileName: namespaces + "controllers:\n  settings:\n    ingress-nginx: {" + setting + "}\n",
				}
			}
		}
	}
	return all
}

// count is how often a claim was put to the test.
type count struct{ held, broken int }

// TestAgreement holds what rules find against what is in force, over all trees that there are: where a rule says what becomes of a
// request, the rows of that host say the same; and what the rows remark about a field, a rule says too.
func TestAgreement(t *testing.T) {
	if testing.Short() {
		t.Skip("judges two thousand trees")
	}
	all := surroundings(t)
	maps.Copy(all, generated())
	maps.Copy(all, matrix())
	claims, duties := nginxClaims(), []duty{nginxRemarks, nginxConflicts, otherRemarks}
	excused, counts := ahead(), map[string]*count{}
	for name := range excused {
		if all[name] == nil {
			t.Errorf("%s is no tree", name)
		}
	}
	for rule := range claims {
		counts[rule] = &count{}
	}
	var lock sync.Mutex
	t.Run("trees", func(t *testing.T) {
		for name, files := range all {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				j := judge(t, files)
				own := j.hold(t, claims)
				var missing []string
				for _, d := range duties {
					missing = append(missing, d(j)...)
				}
				if strings.HasPrefix(name, "matrix/") {
					missing = append(missing, policyEffects(j)...)
				}
				switch why := excused[name]; {
				case why == "" && len(missing) > 0:
					t.Error(strings.Join(missing, "\n"))
				case why != "" && len(missing) == 0:
					t.Errorf("rows and rules agree here; take it off the list of those that do not (%s)", why)
				}
				lock.Lock()
				defer lock.Unlock()
				for rule, c := range own {
					counts[rule].held += c.held
					counts[rule].broken += c.broken
				}
			})
		}
	})
	for _, rule := range kube.SortedKeys(counts) {
		c := counts[rule]
		if c.held < leastHeld && c.broken == 0 {
			t.Errorf("%s: %d findings were held against rows: nearly none", rule, c.held)
		}
		t.Logf("%s: %d held, %d broken", rule, c.held, c.broken)
	}
}

// leastHeld is how often a claim must have held for it to say something: each rule has a scene or two of its own.
const leastHeld = 2

// hold puts claims to the test.
func (j *judged) hold(t *testing.T, claims map[string]claim) map[string]count {
	t.Helper()
	counts := map[string]count{}
	for i := range j.findings {
		f := &j.findings[i]
		check, known := claims[f.Rule]
		if !known || f.Unknown || nginxRefused(j, f) {
			continue
		}
		c := counts[f.Rule]
		if broken := check(j, f); broken != "" {
			c.broken++
			t.Errorf("%s in %s: %s\n\tyet %s", f.Rule, f.Object, f.Headline(), broken)
		} else {
			c.held++
		}
		counts[f.Rule] = c
	}
	return counts
}
