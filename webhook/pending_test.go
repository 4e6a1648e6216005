package webhook_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
	"github.com/tlsward/tlsward/webhook"
)

// marks are what the tools leave on the objects of one release or application; other is a second one of the same tool.
var marks = []struct {
	name       string
	own, other []option
	// bare: by these nobody tells whose the object is, only that a tool made it.
	bare bool
}{
	{name: "by hand", bare: true},
	{name: "helm", own: []option{annotation("meta.helm.sh/release-name", "web"), annotation("meta.helm.sh/release-namespace", "shop")}, other: []option{annotation("meta.helm.sh/release-name", "web"), annotation("meta.helm.sh/release-namespace", "desk")}},
	{name: "a label of helm's", own: []option{label("app.kubernetes.io/managed-by", "Helm")}, bare: true},
	{name: "a label of helm's and an instance", own: []option{label("app.kubernetes.io/managed-by", "Helm"), label("app.kubernetes.io/instance", "web")}, other: []option{label("app.kubernetes.io/instance", "other")}},
	{name: "argo cd's annotation", own: []option{annotation("argocd.argoproj.io/tracking-id", "web:networking.k8s.io/Ingress:shop/api")}, other: []option{annotation("argocd.argoproj.io/tracking-id", "other:networking.k8s.io/Ingress:shop/api")}},
	{name: "argo cd's label", own: []option{label("argocd.argoproj.io/instance", "web")}, other: []option{label("argocd.argoproj.io/instance", "other")}},
	{name: "flux", own: []option{label("kustomize.toolkit.fluxcd.io/name", "web"), label("kustomize.toolkit.fluxcd.io/namespace", "flux")}, other: []option{label("kustomize.toolkit.fluxcd.io/name", "web"), label("kustomize.toolkit.fluxcd.io/namespace", "other")}},
	{name: "flux helm", own: []option{label("helm.toolkit.fluxcd.io/name", "web"), label("helm.toolkit.fluxcd.io/namespace", "flux")}, other: []option{label("helm.toolkit.fluxcd.io/name", "other"), label("helm.toolkit.fluxcd.io/namespace", "flux")}},
	{name: "argo cd as a manager", own: []option{managed("argocd-controller")}, bare: true},
	{name: "flux as a manager", own: []option{managed("kustomize-controller")}, bare: true},
	{name: "helm as a manager", own: []option{managed("helm")}, bare: true},
}

func managed(name string) option {
	return set([]any{map[string]any{"manager": name, "operation": "Apply"}}, "metadata", "managedFields")
}

// TestOrder: a new object whose CA is not there yet, by who made it, what could make the CA, what the operator wants, and whom
// it would hit. What is wanted is written down here once more, from the issue and not from the code.
func TestOrder(t *testing.T) {
	for _, mark := range marks {
		for _, producer := range []string{"", "Certificate.cert-manager.io", "Bundle.trust.cert-manager.io", "ExternalSecret.external-secrets.io", "SealedSecret.bitnami.com"} {
			for _, onCreate := range []webhook.OnCreate{webhook.Auto, webhook.Deny, webhook.Pending} {
				for _, operation := range []string{"create", "update", "dry-run create", "dry-run update"} {
					for _, sharing := range []string{"nobody", "own", "another release", "by hand", "another namespace"} {
						if producer != "" && producer != "Certificate.cert-manager.io" && (operation != "create" || sharing != "nobody") {
							continue // one kind of producer is as good as another
						}
						if mark.bare && sharing == "another release" {
							continue
						}
						tool := mark.name != "by hand"
						pending := false
						switch {
						case strings.HasPrefix(operation, "dry-run"):
							pending = true // the rest of the set is invisible
						case operation == "update", onCreate == webhook.Deny:
						case sharing != "nobody" && (sharing != "own" || mark.bare):
						case onCreate == webhook.Pending:
							pending = true
						default:
							pending = tool && producer != ""
						}
						name := fmt.Sprintf("%s, %s, producer %q, onCreate %d, host shared with %s", mark.name, operation, producer, onCreate, sharing)
						t.Run(name, func(t *testing.T) {
							s := open(t, func(p *webhook.Policy) { p.OnCreate = onCreate })
							s.put(nginxClass(), secret("shop/ca", "ca.crt", shallow))
							if producer != "" {
								s.serves(producer)
							}
							sharer := "shop/peer"
							options := []option{hosts("api.test")}
							switch sharing {
							case "own":
								options = append(options, mark.own...)
							case "another release":
								options = append(append(options, mark.own...), mark.other...)
							case "another namespace":
								sharer = "desk/peer"
								options = append(options, mark.own...)
							}
							if sharing != "nobody" {
								s.put(ingress(sharer, options...))
							}
							obj := mtls("shop/api", "shop/missing", mark.own...)
							r := create(obj)
							if strings.HasSuffix(operation, "update") {
								old := mtls("shop/api", "shop/ca", mark.own...)
								s.put(old)
								r = update(old, obj)
							}
							r.dryRun = strings.HasPrefix(operation, "dry-run")
							a := s.denied(r, !pending)
							if pending && (len(a.Warnings) != 1 || !strings.HasPrefix(a.Warnings[0], "pending: every request to api.test gets 403")) {
								t.Errorf("warnings %q", a.Warnings)
							}
							watched := map[string]int{}
							if pending && !r.dryRun {
								watched["Ingress.networking.k8s.io"] = 1
							}
							if got := s.door.Pending(); fmt.Sprint(got) != fmt.Sprint(watched) {
								t.Errorf("pending %v, want %v", got, watched)
							}
						})
					}
				}
			}
		}
	}
}

// TestOrderOfWhatIsWrong: a reference that exists and is wrong will not come good by waiting.
func TestOrderOfWhatIsWrong(t *testing.T) {
	helm := marks[1].own
	for name, test := range map[string]struct {
		object kube.Object
		want   []string // rules that deny
	}{
		"no CA in the Secret":            {mtls("shop/api", "shop/empty", helm...), []string{"ingress-nginx/client-ca-without-certificate"}},
		"an expired CA":                  {mtls("shop/api", "shop/old", helm...), []string{"certificates/ca-expired"}},
		"written wrongly":                {mtls("shop/api", "ca", helm...), []string{"references/malformed"}},
		"one is missing, another is bad": {mtls("shop/api", "shop/missing", append(helm, nginx("auth-tls-verify-depth", "-1"))...), []string{"ingress-nginx/verify-depth-invalid"}},
		"another policy for the host":    {mtls("shop/api", "shop/missing", append(helm, hosts("taken.test"))...), []string{"ingress-nginx/client-ca-conflict", "ingress-nginx/client-ca-missing"}},
		// ingress-nginx asks for no grant, and nothing here could make the Secret.
		"in a namespace where nothing makes it": {mtls("shop/api", "infra/missing", helm...), []string{"ingress-nginx/client-ca-missing"}},
		"in a namespace that is out of reach":   {mtls("shop/api", "infra/missing", helm...), []string{"ingress-nginx/secret-of-other-namespace"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			if !strings.HasPrefix(name, "in a namespace") {
				s.serves("Certificate.cert-manager.io")
			}
			if !strings.HasSuffix(name, "out of reach") {
				s.put(nginxConfig("allow-cross-namespace-resources", "true"))
			}
			s.put(nginxClass(), secret("shop/empty", "x", "y"), secret("shop/old", "ca.crt", expired().CertPEM), mtls("bank/pay", "bank/ca", hosts("taken.test")))
			s.denied(create(test.object), true)
			var rules []string
			for _, f := range s.last().Decision.Findings {
				if f.Action == rule.Deny {
					rules = append(rules, f.Rule)
				}
			}
			if !slices.Equal(rules, test.want) {
				t.Errorf("denied for %v, want %v", rules, test.want)
			}
			if n := len(s.door.Pending()); n != 0 {
				t.Errorf("a denied object is watched")
			}
		})
	}
}

// TestOrderOfGrants: a grant is applied like any other object.
func TestOrderOfGrants(t *testing.T) {
	helm := marks[1].own
	edge := gateway("shop/edge", "infra/tls")
	for _, o := range helm {
		o(edge.Fields)
	}
	s := open(t)
	s.put(gatewayClass())
	s.denied(create(edge), false)
	s.denied(create(gateway("shop/by-hand", "infra/tls")), true)

	// Another Gateway has listeners of its own: nobody is hit.
	s = open(t)
	s.put(gatewayClass(), gateway("shop/theirs", "shop/x"))
	s.denied(create(edge), false)
}

// TestTracker: an admitted object is judged again until what it misses has come, or its grace is over.
func TestTracker(t *testing.T) {
	const kind = "Ingress.networking.k8s.io"
	pendingStage := func(t *testing.T) (*stage, kube.Object) {
		s := open(t, func(p *webhook.Policy) { p.OnCreate = webhook.Pending })
		s.put(nginxClass())
		obj := mtls("shop/api", "shop/ca")
		s.denied(create(obj), false)
		if s.door.Pending()[kind] != 1 {
			t.Fatalf("pending: %v", s.door.Pending())
		}
		return s, obj
	}
	look := func(s *stage, after time.Duration, pending int, overdue ...string) {
		s.t.Helper()
		s.pass(after)
		s.door.Look(s.t.Context())
		if s.door.Pending()[kind] != pending {
			s.t.Errorf("pending %v, want %d", s.door.Pending(), pending)
		}
		if !slices.Equal(s.overdue, overdue) {
			s.t.Errorf("overdue %v, want %v", s.overdue, overdue)
		}
	}
	const told = "Ingress shop/api ingress-nginx/client-ca-missing"
	t.Run("comes good", func(t *testing.T) {
		s, obj := pendingStage(t)
		s.put(obj)
		look(s, time.Minute, 1)
		s.put(secret("shop/ca", "ca.crt", shallow))
		look(s, time.Minute, 0)
		look(s, time.Hour, 0)
	})
	t.Run("a Certificate will make it", func(t *testing.T) {
		s, obj := pendingStage(t)
		s.put(obj, object("cert-manager.io/v1", "Certificate", "shop/ca", set("ca", "spec", "secretName")))
		look(s, time.Minute, 0)
	})
	t.Run("never comes", func(t *testing.T) {
		s, obj := pendingStage(t)
		s.put(obj)
		look(s, 10*time.Minute, 1)
		look(s, time.Second, 0, told)
		look(s, time.Hour, 0, told)
	})
	t.Run("comes, and is wrong", func(t *testing.T) {
		// That is another defect, and no longer missing: audit has it.
		s, obj := pendingStage(t)
		s.put(obj, secret("shop/ca", "x", "y"))
		look(s, 11*time.Minute, 0)
	})
	t.Run("was never stored", func(t *testing.T) {
		s, _ := pendingStage(t)
		look(s, 5*time.Minute, 1)
		look(s, 6*time.Minute, 0)
	})
	t.Run("was deleted", func(t *testing.T) {
		s, obj := pendingStage(t)
		s.put(obj)
		look(s, time.Minute, 1)
		s.vanish(obj)
		look(s, 10*time.Minute, 0)
	})
	t.Run("was updated to something else", func(t *testing.T) {
		s, _ := pendingStage(t)
		s.put(ingress("shop/api"))
		look(s, time.Minute, 0)
	})
	t.Run("the rule was switched off", func(t *testing.T) {
		s, obj := pendingStage(t)
		s.put(obj)
		s.door.SetPolicy(webhook.Policy{Reviewer: engineWith(rule.Settings{Skip: []string{"ingress-nginx/*"}})})
		look(s, 11*time.Minute, 0)
	})
	t.Run("cannot be judged", func(t *testing.T) {
		s, obj := pendingStage(t)
		s.put(obj)
		s.door.SetPolicy(webhook.Policy{Reviewer: broken{err: fmt.Errorf("no verdict")}})
		look(s, time.Minute, 1)
		look(s, 10*time.Minute, 0)
	})
	t.Run("asked again and again", func(t *testing.T) {
		s, obj := pendingStage(t)
		s.put(obj)
		s.pass(9 * time.Minute)
		s.denied(create(obj), false)
		look(s, 2*time.Minute, 0, told) // the grace is counted from the first time
	})
	t.Run("many", func(t *testing.T) {
		s, obj := pendingStage(t)
		for i := range webhook.MaxPending + 10 {
			id := obj.ID
			id.Name = fmt.Sprint(i)
			s.door.Wait(id, noon)
		}
		if n := s.door.Pending()[kind]; n != webhook.MaxPending {
			t.Errorf("%d are watched, want %d", n, webhook.MaxPending)
		}
	})
}
