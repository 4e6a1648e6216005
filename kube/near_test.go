package kube

import (
	"strings"
	"testing"
)

func TestNear(t *testing.T) {
	fields := []string{"hosts", "secretName", "tls", "rules", "ingressClassName", "defaultBackend"}
	for name, want := range map[string]string{
		"TLS": "tls", "tlss": "tls", "ts": "tls", "secretname": "secretName", "secretNmae": "secretName",
		"rule": "rules", "ingresClassNam": "ingressClassName",
		"hos": "hosts", "x": "", "tap": "", "": "", "tls": "", "certificate": "", "ingresClasName ": "",
		strings.Repeat("tls", 1<<20): "",
	} {
		got, ok := Near(name, fields)
		if got != want || ok != (want != "") {
			t.Errorf("Near(%.20q) = %q, %t; want %q", name, got, ok, want)
		}
	}
}

func TestNearPrefersCase(t *testing.T) {
	if got, _ := Near("Name", []string{"Nams", "name"}); got != "name" {
		t.Errorf("got %q, want the candidate that differs in case only", got)
	}
}
