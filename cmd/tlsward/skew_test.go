package main

import (
	"net/http/httptest"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/tlsward/tlsward/config"
)

// TestBuildInfo: what serve tells as a metric is what lint compares with.
func TestBuildInfo(t *testing.T) {
	c, err := config.Parse("f", []byte("rulebook: v0.1\nprofile: strict\n"))
	if err != nil {
		t.Fatal(err)
	}
	books, err := rulebooks(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := texts{config: c, books: books}.compile()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{flags: &serveFlags{certificates: t.TempDir()}}
	s.state.set(l, nil)
	registry := prometheus.NewRegistry()
	registry.MustRegister(s)
	answer := httptest.NewRecorder()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	told, err := readBuildInfo(answer.Body.String())
	want, wrong := infoOf(c, books)
	if err != nil || wrong != nil || len(told) != 1 || told[0] != want || want.rulebook != "v0.1" || len(want.config) != 16 {
		t.Errorf("%+v, %v; want %+v, %v\n%s", told, err, want, wrong, answer.Body)
	}
	other, err := config.Parse("f", []byte("rulebook: v0.1\n"))
	if err != nil {
		t.Fatal(err)
	}
	if info, err := infoOf(other, books); err != nil || info.config == want.config {
		t.Errorf("%+v, %v: want another digest for another profile", info, err)
	}
}
