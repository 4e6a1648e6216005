// The CRDs that the end-to-end tests install, and those of the reports that ../../report validates, as data: `go mod download`
// brings these modules into the module cache, checked by go.sum, and nothing of them is ever run. The tool lines name a package
// without imports of each, or with the fewest, so that `go mod tidy` keeps the modules and adds hardly any others.
//
// Names ending in .test are ours: a build holds one version of a module, and these are several of Gateway API.
module github.com/tlsward/tlsward/test/e2e/crds

go 1.26.8

tool (
	gateway-api-1.3.test/crds/pkg/consts
	gateway-api-1.5.test/crds/pkg/consts
	gateway-api-1.6.test/crds/pkg/consts
	github.com/cert-manager/cert-manager/pkg/apis/certmanager
	github.com/envoyproxy/gateway/api
	github.com/kyverno/kyverno/api
	github.com/openreports/reports-api/pkg/client/applyconfiguration/internal
	sigs.k8s.io/gateway-api/conformance/utils/weight
)

require (
	gateway-api-1.3.test/crds v0.0.0 // indirect
	gateway-api-1.5.test/crds v0.0.0 // indirect
	gateway-api-1.6.test/crds v0.0.0 // indirect
	github.com/cert-manager/cert-manager v1.21.2 // indirect
	github.com/envoyproxy/gateway v1.9.1 // indirect
	github.com/json-iterator/go v1.1.12 // indirect
	github.com/kyverno/kyverno v1.19.1 // indirect
	github.com/modern-go/concurrent v0.0.0-20180306012644-bacd9c7ef1dd // indirect
	github.com/modern-go/reflect2 v1.0.3-0.20250322232337-35a7c28c31ee // indirect
	github.com/openreports/reports-api v0.2.1 // indirect
	go.yaml.in/yaml/v2 v2.4.4 // indirect
	golang.org/x/sync v0.22.0 // indirect
	sigs.k8s.io/gateway-api/conformance v1.6.3 // indirect
	sigs.k8s.io/structured-merge-diff/v6 v6.4.2 // indirect
)

replace (
	gateway-api-1.3.test/crds => sigs.k8s.io/gateway-api v1.3.0
	gateway-api-1.5.test/crds => sigs.k8s.io/gateway-api v1.5.1
	gateway-api-1.6.test/crds => sigs.k8s.io/gateway-api v1.6.3
)
