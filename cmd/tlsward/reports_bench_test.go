//go:build unix

package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tlsward/tlsward/report"
)

// faultyTree writes an Ingress with one finding for each number, four to a file.
func faultyTree(tb testing.TB, objects int) string {
	tb.Helper()
	const perFile, perFolder = 4, 25
	faults := []string{
		`nginx.ingress.kubernetes.io/auth-tls-verify-client: "on"`,
		`nginx.ingress.kubernetes.io/proxy-ssl-verify: "on"`,
		`ingress.kubernetes.io/auth-tls-secret: shop/client-ca`,
		`nginx.ingress.kubernetes.io/auth-tls-verify-dept: "2"`,
		`nginx.ingress.kubernetes.io/auth-tls-pass-certificate-to-upstream: "true"`,
	}
	dir := tb.TempDir()
	var text strings.Builder
	for i := range objects {
		fmt.Fprintf(&text, `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web-%[1]d
  namespace: team-%[2]d
  labels:
    app.kubernetes.io/name: web-%[1]d
    app.kubernetes.io/part-of: shop
  annotations:
    nginx.ingress.kubernetes.io/proxy-body-size: 8m
    %[3]s
spec:
  ingressClassName: nginx
  tls:
    - hosts: [web-%[1]d.shop.test]
  rules:
    - host: web-%[1]d.shop.test
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: web-%[1]d
                port:
                  number: 8080
`, i, i/100, faults[i%len(faults)])
		if i%perFile < perFile-1 && i < objects-1 {
			continue
		}
		number := i / perFile
		folder := filepath.Join(dir, fmt.Sprintf("team-%03d", number/perFolder))
		if err := os.MkdirAll(folder, 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("app-%05d.yaml", number)), []byte(text.String()), 0o644); err != nil {
			tb.Fatal(err)
		}
		text.Reset()
	}
	return dir
}

// processor is the time of processors that this process has taken.
func processor(tb testing.TB) time.Duration {
	tb.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// BenchmarkReports is a run in which each of 10,000 objects has a finding, told as text, SARIF and HTML at once: the time of
// processors that it takes, and the share of the reports in it. The budget of that is 15%.
func BenchmarkReports(b *testing.B) {
	const objects = 10_000
	dir, files := faultyTree(b, objects), b.TempDir()
	f := lintFlags{common: common{now: "2026-11-01"}}
	e, options, err := f.prepare(b.Context(), []string{dir}, streams{strings.NewReader(""), io.Discard, io.Discard})
	if err != nil {
		b.Fatal(err)
	}
	list, err := outputs([]string{
		"text=" + filepath.Join(files, "report.txt"), "sarif=" + filepath.Join(files, "report.sarif"), "html=" + filepath.Join(files, "report.html"),
	}, report.Formats())
	if err != nil {
		b.Fatal(err)
	}
	all := reports{outputs: list, out: io.Discard}
	var whole, told time.Duration
	b.ReportAllocs()
	for b.Loop() {
		begin := processor(b)
		result, _, err := f.judge(b.Context(), []string{dir}, nil, options)
		if err != nil {
			b.Fatal(err)
		}
		if len(result.Findings) != objects {
			b.Fatalf("%d findings, want %d", len(result.Findings), objects)
		}
		judged := processor(b)
		if _, err := all.write(result, nil, e.Rules); err != nil {
			b.Fatal(err)
		}
		end := processor(b)
		whole += end - begin
		told += end - judged
	}
	b.ReportMetric(100*float64(told)/float64(whole), "reports-%")
	b.ReportMetric(float64(whole.Milliseconds())/float64(b.N), "cpu-ms/op")
	b.ReportMetric(float64(told.Milliseconds())/float64(b.N), "reports-cpu-ms/op")
}
