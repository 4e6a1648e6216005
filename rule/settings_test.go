package rule

import (
	"strings"
	"testing"
	"time"

	"github.com/tlsward/tlsward/kube"
)

func TestAction(t *testing.T) {
	asleep := Definition{ID: "ingress-nginx/controller-retired", Profiles: map[string]Action{"default": Off}}
	d := Definition{ID: "ingress-nginx/verify-depth-unset", Profiles: map[string]Action{"strict": Deny, "default": Note}}
	plain := Definition{ID: "gateway-api/backend-ca-missing"}
	off := ActionSetting{Rules: []string{"ingress-nginx/*"}, Action: Off}
	warn := ActionSetting{Rules: []string{"*"}, Namespaces: []string{"dev-*", "sandbox"}, Action: Warn}
	unset := ActionSetting{Rules: []string{"*"}, Namespaces: []string{""}, Action: Note}
	for name, test := range map[string]struct {
		settings  Settings
		d         Definition
		severity  Severity
		namespace string
		want      Action
	}{
		"an error is denied":                      {Settings{}, plain, Error, "shop", Deny},
		"a warning warns":                         {Settings{}, plain, Warning, "shop", Warn},
		"an info is noted":                        {Settings{}, plain, Info, "shop", Note},
		"no profile is the default one":           {Settings{}, d, Error, "shop", Note},
		"a profile replaces the severity's":       {Settings{Profile: "strict"}, d, Info, "shop", Deny},
		"a profile the rule does not know":        {Settings{Profile: "other"}, d, Warning, "shop", Warn},
		"a glob does not wake what is off":        {Settings{Actions: []ActionSetting{{Rules: []string{"*", "ingress-nginx/*"}, Action: Deny}}}, asleep, Info, "shop", Off},
		"its own name does":                       {Settings{Actions: []ActionSetting{{Rules: []string{"x/y", asleep.ID}, Action: Deny}}}, asleep, Info, "shop", Deny},
		"a setting replaces the profile's":        {Settings{Profile: "strict", Actions: []ActionSetting{off}}, d, Error, "shop", Off},
		"a setting for other rules":               {Settings{Actions: []ActionSetting{off}}, plain, Error, "shop", Deny},
		"a setting for other namespaces":          {Settings{Actions: []ActionSetting{warn}}, plain, Error, "shop", Deny},
		"a setting for this namespace":            {Settings{Actions: []ActionSetting{warn}}, plain, Error, "dev-1", Warn},
		"the last match wins":                     {Settings{Actions: []ActionSetting{off, warn}}, d, Error, "sandbox", Warn},
		"and not the strongest":                   {Settings{Actions: []ActionSetting{warn, off}}, d, Error, "sandbox", Off},
		"unset is no namespace that was named":    {Settings{Actions: []ActionSetting{warn}}, plain, Error, "", Deny},
		"but may be named":                        {Settings{Actions: []ActionSetting{unset}}, plain, Error, "", Note},
		"a glob of all namespaces holds unset":    {Settings{Actions: []ActionSetting{{Rules: []string{"*"}, Namespaces: []string{"*"}, Action: Off}}}, plain, Error, "", Off},
		"a malformed glob matches nothing at all": {Settings{Actions: []ActionSetting{{Rules: []string{"gateway-api/["}, Action: Off}}}, plain, Error, "shop", Deny},
	} {
		t.Run(name, func(t *testing.T) {
			if got, _ := test.settings.Action(test.d, test.severity, test.namespace, time.Time{}); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// TestOff: a rule is left out only where nothing that it finds could be heard of, whatever the namespace and the severity.
func TestOff(t *testing.T) {
	asleep := Definition{ID: "ingress-nginx/controller-retired", Profiles: map[string]Action{"default": Off}}
	plain := Definition{ID: "gateway-api/backend-ca-missing"}
	all := func(action Action, namespaces ...string) ActionSetting {
		return ActionSetting{Rules: []string{"*"}, Namespaces: namespaces, Action: action}
	}
	for name, test := range map[string]struct {
		settings Settings
		d        Definition
		want     bool
	}{
		"nothing said":                        {Settings{}, plain, false},
		"asleep":                              {Settings{}, asleep, true},
		"asleep in another profile":           {Settings{Profile: "migration"}, asleep, false},
		"a glob does not wake it":             {Settings{Actions: []ActionSetting{all(Deny)}}, asleep, true},
		"its name does, in one namespace":     {Settings{Actions: []ActionSetting{{Rules: []string{asleep.ID}, Namespaces: []string{"shop"}, Action: Warn}}}, asleep, false},
		"off":                                 {Settings{Actions: []ActionSetting{all(Off)}}, plain, true},
		"off for other rules":                 {Settings{Actions: []ActionSetting{{Rules: []string{"ingress-nginx/*"}, Action: Off}}}, plain, false},
		"off in one namespace":                {Settings{Actions: []ActionSetting{all(Off, "dev-*")}}, plain, false},
		"off, and on again in one namespace":  {Settings{Actions: []ActionSetting{all(Off), all(Warn, "shop")}}, plain, false},
		"on in one namespace, and then off":   {Settings{Actions: []ActionSetting{all(Warn, "shop"), all(Off)}}, plain, true},
		"off, and then off in one namespace":  {Settings{Actions: []ActionSetting{all(Off), all(Off, "shop")}}, plain, true},
		"denied only from a day that is past": {Settings{Actions: []ActionSetting{{Rules: []string{"*"}, Action: Deny, EnforceFrom: time.Unix(0, 0)}}}, plain, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := test.settings.Off(test.d); got != test.want {
				t.Errorf("got %t, want %t", got, test.want)
			}
		})
	}
}

func TestSelects(t *testing.T) {
	const id = "ingress-nginx/verify-depth-unset"
	for name, test := range map[string]struct {
		settings Settings
		want     bool
	}{
		"nothing said":       {Settings{}, true},
		"only it":            {Settings{Only: []string{id}}, true},
		"only all":           {Settings{Only: []string{"*"}}, true},
		"only its provider":  {Settings{Only: []string{"gateway-api/*", "ingress-nginx/*"}}, true},
		"only others":        {Settings{Only: []string{"gateway-api/*"}}, false},
		"skipped":            {Settings{Skip: []string{"*/verify-*"}}, false},
		"others skipped":     {Settings{Skip: []string{"gateway-api/*"}}, true},
		"skip outweighs":     {Settings{Only: []string{id}, Skip: []string{"*"}}, false},
		"one star, no slash": {Settings{Only: []string{"ingress*"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := test.settings.Selects(id); got != test.want {
				t.Errorf("got %t, want %t", got, test.want)
			}
		})
	}
}

func TestExempts(t *testing.T) {
	now := time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC)
	const id = "gateway-api/backend-ca-missing"
	ingress := kube.ID{Group: "networking.k8s.io", Kind: "Ingress", Namespace: "shop", Name: "api"}
	one := func(object string) []Exemption {
		return []Exemption{{Rules: []string{"gateway-api/*"}, Objects: []string{object}}}
	}
	for name, test := range map[string]struct {
		exemptions []Exemption
		obj        kube.ID
		index      int
		ok         bool
	}{
		"none":              {nil, ingress, 0, false},
		"named":             {one("Ingress shop/api"), ingress, 0, true},
		"with its group":    {one("Ingress.networking.k8s.io shop/api"), ingress, 0, true},
		"of another group":  {one("Ingress.extensions shop/api"), ingress, 0, false},
		"by globs":          {one("Ingress sh*/*"), ingress, 0, true},
		"any namespace":     {one("Ingress api"), ingress, 0, true},
		"another namespace": {one("Ingress dev/api"), ingress, 0, false},
		"another kind":      {one("Gateway shop/api"), ingress, 0, false},
		"everything":        {one("*"), ingress, 0, true},
		"an unset namespace is not one that was named": {one("Ingress shop/api"), kube.ID{Kind: "Ingress", Name: "api"}, 0, false},
		"but is any":                        {one("Ingress */api"), kube.ID{Kind: "Ingress", Name: "api"}, 0, true},
		"and may be meant":                  {one("Ingress /api"), kube.ID{Kind: "Ingress", Name: "api"}, 0, true},
		"alone":                             {one("Ingress /api"), ingress, 0, false},
		"no space":                          {one("Ingress"), ingress, 0, false},
		"another rule":                      {[]Exemption{{Rules: []string{"ingress-nginx/*"}, Objects: []string{"*"}}}, ingress, 0, false},
		"the second":                        {append(one("Ingress dev/*"), one("Ingress shop/*")...), ingress, 1, true},
		"one that ends later":               {[]Exemption{{Rules: []string{"*"}, Objects: []string{"*"}, Until: now.Add(1)}}, ingress, 0, true},
		"one that ends now":                 {[]Exemption{{Rules: []string{"*"}, Objects: []string{"*"}, Until: now}}, ingress, 0, true},
		"one that has ended":                {[]Exemption{{Rules: []string{"*"}, Objects: []string{"*"}, Until: now.Add(-1)}}, ingress, 0, false},
		"one that has ended hides no other": {append([]Exemption{{Rules: []string{"*"}, Objects: []string{"*"}, Until: now.Add(-1)}}, one("*")...), ingress, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			index, ok := Settings{Exemptions: test.exemptions}.Exempts(id, test.obj, now)
			if index != test.index || ok != test.ok {
				t.Errorf("got %d, %t, want %d, %t", index, ok, test.index, test.ok)
			}
		})
	}
}

func TestValidate(t *testing.T) {
	good := Settings{
		Only:       []string{"*", "gateway-api/*", "*/verify-[a-z]*"},
		Actions:    []ActionSetting{{Rules: []string{"a/b"}, Namespaces: []string{"", "dev-*"}}},
		Exemptions: []Exemption{{Rules: []string{"a/b"}, Objects: []string{"*", "Ingress shop/api", "Ingress /api", "ClusterIssuer le"}}},
	}
	if err := good.Validate(); err != nil {
		t.Errorf("got %v, want no error", err)
	}
	bad := Settings{
		Only: []string{"verify-depth-unset"},
		Skip: []string{"gateway-api/["},
		Actions: []ActionSetting{
			{Rules: []string{"a/b/c"}, Namespaces: []string{"a/b", `\`}},
		},
		Exemptions: []Exemption{{Rules: []string{"/b"}, Objects: []string{"Ingress", "Ingress a/b/c", "Ingress [/api]", "shop/api Ingress"}}},
	}
	want := []string{
		`only[0]: glob "verify-depth-unset" matches no rule: a rule id is provider/rule, so want provider/rule, provider/*, */rule or *`,
		`skip[0]: glob "gateway-api/[" is malformed: want an end to its [ or \`,
		`actions[0].rules[0]: glob "a/b/c" matches no rule: a rule id is provider/rule, so want provider/rule, provider/*, */rule or *`,
		`actions[0].namespaces[0]: glob "a/b" matches no namespace: its name holds neither slash nor space`,
		`actions[0].namespaces[1]: glob "\\" is malformed: want an end to its [ or \`,
		`exemptions[0].rules[0]: glob "/b" matches no rule: a rule id is provider/rule, so want provider/rule, provider/*, */rule or *`,
		`exemptions[0].objects[0]: glob "Ingress" matches no object: want "Kind namespace/name", "Kind name" or *`,
		`exemptions[0].objects[1]: glob "Ingress a/b/c" matches no object: want "Kind namespace/name", "Kind name" or *`,
		`exemptions[0].objects[2]: glob "[" is malformed: want an end to its [ or \`,
		`exemptions[0].objects[3]: glob "shop/api Ingress" matches no object: want "Kind namespace/name", "Kind name" or *`,
	}
	err := bad.Validate()
	if err == nil || err.Error() != strings.Join(want, "\n") {
		t.Errorf("got:\n%v\nwant:\n%s", err, strings.Join(want, "\n"))
	}
}
