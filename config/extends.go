package config

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strings"
	"sync"

	"go.yaml.in/yaml/v4"

	"github.com/tlsward/tlsward/kube"
)

// Reference is a config elsewhere. What it leads to is known by its digest, so that nobody else can change it.
type Reference struct {
	// Scheme is https or oci.
	Scheme string
	// Location is the rest of the URL before the digest: host and path.
	Location string
	// SHA256 is the digest in hexadecimal: of the file, or of the manifest of an artifact.
	SHA256 string
}

func (r Reference) String() string { return r.Scheme + "://" + r.Location + "@sha256:" + r.SHA256 }

// extension is an entry of extends: a file relative to this one, or a Reference.
type extension struct {
	text      string
	reference *Reference
}

func (e *extension) read(d *decoder, at kube.Path, n *yaml.Node) {
	e.text = d.checked(at, n, func(s string) error {
		if !strings.Contains(s, ":") {
			if path.IsAbs(s) {
				return fmt.Errorf("want a file relative to this one, https:// or oci://, got %s", clip(s))
			}
			return nil
		}
		reference, err := ParseReference(s)
		if err == nil {
			e.reference = &reference
		}
		return err
	})
}

var digestPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9a-f]{64}$`) })

// ParseReference reads what String writes.
func ParseReference(s string) (Reference, error) {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || scheme != "https" && scheme != "oci" {
		return Reference{}, fmt.Errorf("want a file relative to this one, https:// or oci://, got %s", clip(s))
	}
	location, digest, ok := strings.Cut(rest, "@sha256:")
	if !ok || !digestPattern().MatchString(digest) {
		return Reference{}, fmt.Errorf("want @sha256: and the 64 digits of its digest at the end, so that nobody else decides what it says, got %s", clip(s))
	}
	u, err := url.Parse("https://" + location)
	switch {
	case err != nil || u.Host == "" || strings.Trim(u.Path, "/") == "" || u.Fragment != "" || strings.ContainsAny(location, " \\"):
		return Reference{}, fmt.Errorf("want a host and a path, got %s", clip(s))
	case u.User != nil:
		return Reference{}, errors.New("want no name and password in it: they would stand in a repository")
	}
	return Reference{Scheme: scheme, Location: location, SHA256: digest}, nil
}
