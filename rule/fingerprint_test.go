package rule

import (
	"testing"

	"github.com/tlsward/tlsward/kube"
)

func fingerprintOf(f Finding, fields map[string]any) string {
	list := []Finding{f}
	SetFingerprints(list, func(f *Finding) kube.Object { return kube.Object{ID: f.Object, Fields: fields} })
	return list[0].Fingerprint
}

func tlsOf(elements ...any) map[string]any {
	return map[string]any{"spec": map[string]any{"tls": elements}}
}

// TestFingerprint: what may change without making another finding of it, and what may not.
func TestFingerprint(t *testing.T) {
	shop := map[string]any{"hosts": []any{"shop.test"}, "secretName": "shop"}
	api := map[string]any{"hosts": []any{"api.test"}, "secretName": "api"}
	base := Finding{
		Rule: "ingress-nginx/certificate-missing", Object: kube.ID{Group: "networking.k8s.io", Kind: "Ingress", Namespace: "shop", Name: "web"},
		Path: kube.Path{"spec", "tls", 0, "secretName"}, At: kube.Position{File: "a.yaml", Line: 3, Column: 4}, Message: "gone",
	}
	change := func(f func(*Finding)) Finding {
		changed := base
		f(&changed)
		return changed
	}
	want := fingerprintOf(base, tlsOf(shop, api))
	if len(want) != 32 {
		t.Errorf("fingerprint %q: want 32 hexadecimal digits", want)
	}
	for name, test := range map[string]struct {
		f      Finding
		fields map[string]any
		same   bool
	}{
		"lines above it":                {change(func(f *Finding) { f.At.Line, f.At.Column = 30, 1 }), tlsOf(shop, api), true},
		"another file":                  {change(func(f *Finding) { f.At.File = "b.yaml" }), tlsOf(shop, api), true},
		"other words":                   {change(func(f *Finding) { f.Message, f.Effect, f.Remedy = "a", "b", "c" }), tlsOf(shop, api), true},
		"another action":                {change(func(f *Finding) { f.Action, f.Severity = Note, Info }), tlsOf(shop, api), true},
		"another version of the API":    {change(func(f *Finding) { f.Version = "v2" }), tlsOf(shop, api), true},
		"moved within its list":         {change(func(f *Finding) { f.Path = kube.Path{"spec", "tls", 1, "secretName"} }), tlsOf(api, shop), true},
		"another value there":           {base, tlsOf(map[string]any{"hosts": []any{"shop.test"}, "secretName": "other"}, api), true},
		"another element":               {change(func(f *Finding) { f.Path = kube.Path{"spec", "tls", 1, "secretName"} }), tlsOf(shop, api), false},
		"another field":                 {change(func(f *Finding) { f.Path = kube.Path{"spec", "tls", 0, "hosts"} }), tlsOf(shop, api), false},
		"another rule":                  {change(func(f *Finding) { f.Rule = "x/y" }), tlsOf(shop, api), false},
		"another object":                {change(func(f *Finding) { f.Object.Name = "api" }), tlsOf(shop, api), false},
		"another namespace":             {change(func(f *Finding) { f.Object.Namespace = "" }), tlsOf(shop, api), false},
		"another kind of the same name": {change(func(f *Finding) { f.Object.Group = "extensions" }), tlsOf(shop, api), false},
	} {
		if got := fingerprintOf(test.f, test.fields); (got == want) != test.same {
			t.Errorf("%s: same fingerprint %t, want %t", name, got == want, test.same)
		}
	}
}

// Kept by others between runs and releases, so a change of these is a new scheme.
func TestFingerprintIsPinned(t *testing.T) {
	f := Finding{Rule: "a/b", Object: kube.ID{Kind: "Service", Namespace: "n", Name: "s"}, Path: kube.Path{"spec", "ports", 1}}
	fields := map[string]any{"spec": map[string]any{"ports": []any{map[string]any{"port": int64(80)}, map[string]any{"port": int64(443)}}}}
	const want = "a/b\x00\x00Service\x00n\x00s\x00/spec/ports[port=443]"
	if got := f.fingerprinted(kube.Object{ID: f.Object, Fields: fields}); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got, want := fingerprintOf(f, fields), "e2b9fc52f2b18acd5de8a099c0eb1ca5"; got != want || FingerprintScheme != "tlsward/v1" {
		t.Errorf("%s: got %s, want %s", FingerprintScheme, got, want)
	}
}

func TestElementKey(t *testing.T) {
	for _, test := range []struct {
		element any
		want    string
	}{
		{map[string]any{"name": "https", "port": int64(443)}, "name=https"},
		{map[string]any{"host": "a.test"}, "host=a.test"},
		{map[string]any{"hosts": []any{"a.test", "b.test"}}, "hosts=[a.test b.test]"},
		{map[string]any{"port": map[string]any{"name": "https", "number": int64(443)}}, "port:name=https"},
		{map[string]any{"port": map[string]any{"number": int64(443)}}, "port:number=443"},
		{map[string]any{"other": "x"}, "7"},
		{"a.test", "=a.test"},
		{nil, "7"},
		{[]any{}, "7"},
	} {
		if got := elementKey(test.element, 7); got != test.want {
			t.Errorf("%v: got %s, want %s", test.element, got, test.want)
		}
	}
}

// TestFingerprintsAreUnique: two findings that agree in all that counts are told apart by their order.
func TestFingerprintsAreUnique(t *testing.T) {
	f := Finding{Rule: "a/b", Object: kube.ID{Kind: "Service", Name: "s"}, Message: "one"}
	list := []Finding{f, f, f}
	SetFingerprints(list, nil)
	if list[0].Fingerprint == list[1].Fingerprint || list[1].Fingerprint == list[2].Fingerprint || list[0].Fingerprint != fingerprintOf(f, nil) {
		t.Errorf("got %s, %s, %s", list[0].Fingerprint, list[1].Fingerprint, list[2].Fingerprint)
	}
}
