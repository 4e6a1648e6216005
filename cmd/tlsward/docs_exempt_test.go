package main

import (
	"os"
	"strings"
	"testing"
)

// TestDocsExempt: both commands of docs/suppressions.md give an entry, the first the one that is shown.
func TestDocsExempt(t *testing.T) {
	var commands, want string
	for _, f := range fences(t, "docs/suppressions.md") {
		if f.mark == testedBy+"TestDocsExempt" {
			if f.language == "shell" {
				commands = f.text
			} else {
				want = f.text
			}
		}
	}
	dir := writeFiles(t, map[string]string{
		"log": `{"msg":"admission","decision":"1c2d3e4f","object":"Ingress shop/web","group":"networking.k8s.io",` +
			`"findings":[{"rule":"ingress-nginx/client-ca-missing","action":"deny"}]}` + "\n",
		"denial.txt":  "the CA is missing\n  more: ingress-nginx/client-ca-missing, decision 1c2d3e4f\n",
		"bin/kubectl": "#!/bin/sh\ncat log\n",
	})
	if err := os.Chmod(dir+"/bin/kubectl", 0o700); err != nil {
		t.Fatal(err)
	}
	env := programs(t)
	env["PATH"] = dir + "/bin" + string(os.PathListSeparator) + env["PATH"]
	lines := strings.Split(strings.TrimSpace(commands), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d commands", len(lines))
	}
	if out, code := shell(t, dir, lines[0]+" --now 2026-11-01", env); code != exitClean || out != want {
		t.Errorf("%s: exit %d\n%s\nwant\n%s", lines[0], code, out, want)
	}
	if out, code := shell(t, dir, lines[1], env); code != exitClean || !strings.Contains(out, "[Ingress shop/web]") {
		t.Errorf("%s: exit %d\n%s", lines[1], code, out)
	}
}
