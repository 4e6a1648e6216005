package corpus

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/kube"
)

// overlays makes a base and the environments that change it: every second one with a patch. One fault stands in the base, and
// is found once; one in a patch.
func overlays(spec Spec) *Tree {
	tree := &Tree{Count: Count{Decoys: map[string]int{}, Faults: map[string]int{}}}
	add := func(name, text string) {
		tree.Files = append(tree.Files, File{Name: name, Data: []byte(text)})
	}
	const kinds = 3
	apps := spec.Objects / spec.Overlays / kinds
	var resources strings.Builder
	for i := range apps {
		name := fmt.Sprintf("app-%d", i)
		fmt.Fprintf(&resources, "  - %s.yaml\n", name)
		annotations := ""
		if i == 0 {
			annotations = refusedAnnotation
		}
		add("base/"+name+".yaml", strings.NewReplacer("NAME", name, "ANNOTATIONS", annotations).Replace(overlayApp))
	}
	add("base/kustomization.yaml", kustomizationText+resources.String())
	for i := range spec.Overlays {
		dir := fmt.Sprintf("overlays/env-%02d", i)
		text := kustomizationText + fmt.Sprintf("  - ../../base\nnamespace: env-%02d\nlabels: [{pairs: {env: env-%02d}}]\n", i, i)
		if i%2 == 1 {
			text += "patches: [{path: patch.yaml}]\n"
			annotation := `    nginx.ingress.kubernetes.io/ssl-redirect: "true"` + "\n"
			if i == 1 {
				annotation = refusedAnnotation
			}
			add(dir+"/patch.yaml", overlayPatch+annotation)
		}
		add(dir+"/kustomization.yaml", text)
	}
	const rule = "ingress-nginx/annotation-value-refused"
	tree.Wants = []Want{
		{Rule: rule, File: "base/app-0.yaml", Line: 6, Object: kube.ID{Kind: "Ingress", Namespace: "env-00", Name: "app-0"}.String()},
		{Rule: rule, File: "overlays/env-01/patch.yaml", Line: 6, Object: kube.ID{Kind: "Ingress", Namespace: "env-01", Name: "app-1"}.String()},
	}
	slices.SortFunc(tree.Files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	for _, f := range tree.Files {
		tree.Count.Bytes += len(f.Data)
	}
	// Each overlay counts as an object too.
	tree.Count.Files, tree.Count.Objects = len(tree.Files), spec.Overlays*(apps*kinds+1)
	tree.Count.Relevant, tree.Count.Faulty = spec.Overlays*apps, len(tree.Wants)
	return tree
}

const refusedAnnotation = "    nginx.ingress.kubernetes.io/ssl-passthrough: \"yes please\"\n"

const overlayPatch = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: app-1
  annotations:
`

const overlayApp = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: NAME
  annotations:
ANNOTATIONS    nginx.ingress.kubernetes.io/proxy-body-size: 8m
spec:
  ingressClassName: nginx
  rules:
    - host: NAME.shop.example
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: NAME
                port:
                  number: 80
---
apiVersion: v1
kind: Service
metadata:
  name: NAME
spec:
  selector:
    app: NAME
  ports:
    - port: 80
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: NAME
spec:
  selector:
    matchLabels:
      app: NAME
  template:
    metadata:
      labels:
        app: NAME
    spec:
      containers:
        - name: NAME
          image: registry.shop.example/NAME:1
          ports:
            - containerPort: 8080
`
