package main

import (
	"context"
	"errors"
	"slices"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/tlsward/tlsward/inventory/watch"
)

// TestOutOfSight: what could not be read is said once for each reason, and only of kinds that verdicts rest on.
func TestOutOfSight(t *testing.T) {
	forbidden := apierrors.NewForbidden(schema.GroupResource{Resource: "x"}, "", errors.New("no"))
	filled := []watch.Filled{
		{GroupKind: "ConfigMap", Resource: "configmaps", All: true},
		{GroupKind: "Deployment.apps", Resource: "deployments.apps", Err: forbidden},
		{GroupKind: "Gateway.gateway.networking.k8s.io"},
		{GroupKind: "Ingress.networking.k8s.io", Resource: "ingresses.networking.k8s.io", Err: forbidden},
		{GroupKind: "IngressClass.networking.k8s.io", Resource: "ingressclasses.networking.k8s.io", Err: context.DeadlineExceeded},
		{GroupKind: "Secret", Resource: "secrets", Err: forbidden},
		{GroupKind: "Service", Resource: "services", Err: forbidden, Namespaces: []string{"shop", "web"}},
		{GroupKind: "ReferenceGrant.gateway.networking.k8s.io", Resource: "referencegrants.gateway.networking.k8s.io", Err: errors.New("broken")},
	}
	needed := []string{
		"ConfigMap", "Gateway.gateway.networking.k8s.io", "Ingress.networking.k8s.io", "IngressClass.networking.k8s.io",
		"ReferenceGrant.gateway.networking.k8s.io", "Secret", "Service",
	}
	want := []string{
		"ingressclasses.networking.k8s.io were not listed within 1m0s: what rests on them is unknown",
		"ingresses.networking.k8s.io, secrets may not be listed: what rests on them is unknown",
		"referencegrants.gateway.networking.k8s.io could not be listed (broken): what rests on them is unknown",
		"services may be listed in namespaces shop, web only: what rests on others is unknown",
	}
	if got := outOfSight(filled, needed); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
