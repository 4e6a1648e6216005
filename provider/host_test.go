package provider

import "testing"

func TestServiceOf(t *testing.T) {
	for host, want := range map[string]string{
		"api":                         "shop/api",
		"API":                         "shop/api",
		"api.shop.svc.cluster.local":  "shop/api",
		"api.infra.svc.cluster.local": "infra/api",
		"api.infra.svc.corp.internal": "infra/api",
		"api.infra.svc":               "infra/api",
		"api.infra":                   "",
		"api.example.com":             "",
		"*.infra.svc.cluster.local":   "",
		"*":                           "",
		"":                            "",
		".":                           "",
		"api..svc":                    "",
		"${HOST}":                     "",
		"a$b":                         "",
	} {
		namespace, name, ok := ServiceOf(host, "shop")
		got := ""
		if ok {
			got = namespace + "/" + name
		}
		if got != want {
			t.Errorf("%q: %q, want %q", host, got, want)
		}
	}
}
