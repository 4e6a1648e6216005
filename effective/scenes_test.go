package effective_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/tlsward/tlsward/effective/effectivetest"
)

// Scenes: testdata/<controller>/<scene>.txtar is an archive of manifests, under any names, with the table that they should give in
// its last file, "rows".
//
//	What a file of manifests means to the controller, and why the rows are as they are: argued from the
//	controller's source, with file and release.
//	-- ingress.yaml --
//	apiVersion: networking.k8s.io/v1
//	...
//	-- .tlsward.yaml --
//	complete: [shop]
//	-- rows --
//	ingress-nginx nginx shop.test:443 / Prefix
//	  client certificate: required
//	    by Ingress shop/web metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]
//
// A config, .tlsward.yaml, is optional. <<ca corp>>, <<certificate shop.test corp>> and <<key shop.test corp>> stand for base64 of
// certificates that are minted; see effectivetest.Fill. `go test ./effective -run TestScenes/<controller> -update` writes the rows.
var update = flag.Bool("update", false, "write the rows of the scenes")

// shortest is fewer letters than an argument from a source takes.
const shortest = 80

func TestScenes(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.ToSlash(file), ".txtar")
		t.Run(strings.TrimPrefix(name, "testdata/"), func(t *testing.T) { scene(t, file) })
	}
}

func scene(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(archive.Comment) < shortest {
		t.Error("want a comment at the head that argues the rows")
	}
	last := len(archive.Files) - 1
	if last < 0 || archive.Files[last].Name != "rows" {
		if !*update {
			t.Fatal("want a last file, rows")
		}
		archive.Files = append(archive.Files, txtar.File{Name: "rows"})
		last++
	}
	manifests := map[string]string{}
	for _, f := range archive.Files[:last] {
		manifests[f.Name] = string(f.Data)
	}
	got := effectivetest.Text(effectivetest.Rows(t, manifests))
	if got == "" {
		t.Error("no rows: the scene shows nothing")
	}
	if *update {
		archive.Files[last].Data = []byte(got)
		if err := os.WriteFile(file, txtar.Format(archive), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want := string(archive.Files[last].Data); got != want {
		t.Errorf("got rows\n%s\nwant\n%s", got, want)
	}
}
