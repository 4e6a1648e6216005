package corpus

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// syntheticAnnotation marks the Services that break a synthetic rule.
const syntheticAnnotation = "bench.example.com/breaks"

func syntheticName(k int) string { return fmt.Sprintf("service-annotation-%03d", k) }

func syntheticRule(k int) string { return "bench/" + syntheticName(k) }

const ruleTemplate = `# METADATA
# title: Synthetic rule {name}
# description: |
#   One of many rules of a rulebook that somebody else wrote. It says nothing about TLS: it costs what a rule costs.
# custom:
#   severity: warning
#   kinds: [{kind}]
#   since: v0.0.0
package policies.bench["{name}"]

{body}
`

// bodies are what rules commonly do, in direct style; {n} makes each rule another one. None but the annotation ever
// finds anything in the corpus, and all have to look to know.
var bodies = map[string][]string{
	"annotation": {
		`findings contains {
	"path": ["metadata", "annotations", "` + syntheticAnnotation + `"],
	"message": sprintf("%s breaks rule {n}", [input.id.label]),
	"remedy": "remove the annotation",
} if {
	input.object.metadata.annotations["` + syntheticAnnotation + `"] == "{name}"
}`,
		`findings contains {
	"path": ["metadata", "labels", "example.com/tier-{n}"],
	"message": "tier {n} is retired",
} if {
	input.object.metadata.labels["example.com/tier-{n}"] in {"gold", "silver"}
}`,
	},
	"Ingress.networking.k8s.io": {
		`findings contains {
	"path": ["spec", "rules", i, "host"],
	"message": sprintf("host %s is retired", [rule.host]),
} if {
	some i, rule in input.object.spec.rules
	endswith(rule.host, ".zone{n}.invalid")
}`,
		`findings contains {
	"path": ["metadata", "annotations", "nginx.ingress.kubernetes.io/proxy-body-size"],
	"message": "larger than {n} MiB",
} if {
	size := input.object.metadata.annotations["nginx.ingress.kubernetes.io/proxy-body-size"]
	regex.match(` + "`^[0-9]+g$`" + `, size)
	to_number(trim_suffix(size, "g")) > {n}
}`,
		`findings contains {
	"path": ref.path,
	"message": sprintf("%s holds an RSA key of fewer than {n} bits", [ref.label]),
} if {
	some ref in input.refs["client-ca"]
	some hash in ref.content.certificates
	certificate := input.certificates[hash]
	certificate.key_type == "RSA"
	certificate.key_bits < {n}
}`,
		`findings contains {
	"path": ["spec", "tls", i],
	"message": "no host {n}",
} if {
	some i, tls in input.object.spec.tls
	some host in tls.hosts
	startswith(host, "zone{n}-")
}`,
	},
	"Gateway.gateway.networking.k8s.io": {
		`findings contains {
	"path": ["spec", "listeners", i, "port"],
	"message": sprintf("port %v is reserved", [listener.port]),
} if {
	some i, listener in input.object.spec.listeners
	listener.port == 10000 + {n}
}`,
		`findings contains {
	"path": ref.path,
	"message": sprintf("%s is of zone {n}", [ref.label]),
} if {
	some ref in input.refs["listener-certificate"]
	startswith(ref.name, "zone{n}-")
}`,
	},
	"BackendTLSPolicy.gateway.networking.k8s.io": {
		`findings contains {
	"path": ["spec", "validation", "hostname"],
	"message": "of zone {n}",
} if {
	endswith(input.object.spec.validation.hostname, ".zone{n}.invalid")
}`,
		`findings contains {
	"path": ref.path,
	"message": sprintf("%s is of zone {n}", [ref.label]),
} if {
	some ref in input.refs["backend-ca"]
	ref.presence == "present"
	startswith(ref.name, "zone{n}-")
}`,
	},
	"HTTPRoute.gateway.networking.k8s.io": {
		`findings contains {
	"path": ["spec", "rules", i, "backendRefs", j],
	"message": sprintf("weight %v", [backend.weight]),
} if {
	some i, rule in input.object.spec.rules
	some j, backend in rule.backendRefs
	backend.weight == {n}
}`,
		`findings contains {
	"path": ref.path,
	"message": sprintf("%s is of zone {n}", [ref.label]),
} if {
	some ref in input.refs["parent-gateway"]
	ref.name == "zone{n}"
}`,
	},
	"Service": {
		`findings contains {
	"path": ["spec", "ports", i],
	"message": sprintf("port %v is reserved", [port.port]),
} if {
	some i, port in input.object.spec.ports
	port.port == 20000 + {n}
}`,
		`findings contains {
	"path": ["spec", "type"],
	"message": "of zone {n}",
} if {
	input.object.spec.type == "LoadBalancer"
	input.object.metadata.labels["example.com/zone"] == "{n}"
}`,
	},
	"Secret": {
		`findings contains {
	"path": ["type"],
	"message": "type {n} is retired",
} if {
	input.object.type == "example.com/type-{n}"
}`,
	},
	"ConfigMap": {
		`findings contains {
	"path": ["data", key],
	"message": sprintf("%s is retired", [key]),
} if {
	some key, _ in input.object.data
	key == "SETTING_{n}"
}`,
	},
	"Certificate.cert-manager.io": {
		`findings contains {
	"path": ["spec", "dnsNames", i],
	"message": sprintf("%s is of zone {n}", [name]),
} if {
	some i, name in input.object.spec.dnsNames
	endswith(name, ".zone{n}.invalid")
}`,
		`findings contains {
	"path": ["spec", "issuerRef", "name"],
	"message": "issuer {n} is retired",
} if {
	input.object.spec.issuerRef.kind == "ClusterIssuer"
	input.object.spec.issuerRef.name == "issuer-{n}"
}`,
	},
}

// ruleKinds are the kinds that the synthetic rules judge, most of what a tree holds.
var ruleKinds = []string{
	"Service", "Ingress.networking.k8s.io", "Secret", "ConfigMap", "HTTPRoute.gateway.networking.k8s.io",
	"Certificate.cert-manager.io", "Gateway.gateway.networking.k8s.io", "BackendTLSPolicy.gateway.networking.k8s.io",
}

// WriteRules writes a rulebook of so many rules into a directory, a folder each, as a user keeps their own. The first
// ones are those that Spec.Synthetic counts.
func WriteRules(dir string, rules, broken int) error {
	for n := range rules {
		kind := ruleKinds[n%len(ruleKinds)]
		choices := append(append([]string{}, bodies[kind]...), bodies["annotation"][1])
		body := choices[n/len(ruleKinds)%len(choices)]
		name := fmt.Sprintf("rule-%03d", n)
		if n < broken {
			kind, name, body = "Service", syntheticName(n), bodies["annotation"][0]
		}
		text := strings.NewReplacer("{body}", body).Replace(ruleTemplate)
		text = strings.NewReplacer("{name}", name, "{kind}", kind, "{n}", fmt.Sprint(n+1)).Replace(text)
		folder := filepath.Join(dir, "bench", name)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return fmt.Errorf("corpus: %w", err)
		}
		if err := os.WriteFile(filepath.Join(folder, "rule.rego"), []byte(text), 0o644); err != nil {
			return fmt.Errorf("corpus: %w", err)
		}
	}
	return nil
}
