package facts

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
)

// refused lists the annotations for which an acting controller takes nothing of the object.
func (g *gathering) refused(a acting) []any {
	lists := map[string]any{}
	for c, annotations := range g.readers(a) {
		settings := g.settingsOf(c.Name, a).settings
		g.tooRisky(lists, c, annotations, settings)
		if c.Name == ingressNginx && settings["enable-annotation-validation"].value != "false" {
			g.notTaken(lists, c, annotations)
		}
	}
	list, _ := lists["refused"].([]any)
	return list
}

// tooRisky adds the annotations whose risk is above what the setting allows.
func (g *gathering) tooRisky(lists map[string]any, c *provider.Controller, annotations map[string]any, settings map[string]setting) {
	risks := &c.Reads.Risks
	if len(risks.Levels) == 0 {
		return
	}
	above := risks.Levels[risks.Allowed(settings[risks.Setting].value)+1:]
	if len(above) == 0 {
		return
	}
	for _, key := range kube.SortedKeys(annotations) {
		name, ok := strings.CutPrefix(key, c.Reads.Prefix)
		if !ok {
			continue
		}
		for _, level := range above {
			if slices.Contains(risks.Names[level], name) && g.room(lists, "refused") {
				add(lists, "refused", map[string]any{
					"path": []any{"metadata", "annotations", key}, "controller": c.Name, "name": name,
					"reason": "risk", "risk": level, "setting": risks.Setting,
				})
			}
		}
	}
}

const ingressNginx = "ingress-nginx"

// grammar is what a controller takes as the value of an annotation.
type grammar struct {
	name  string
	takes func(string) bool
	want  string
	after string
}

// nginxGrammars are those of ingress-nginx v1.15.1 whose refusal costs the whole Ingress (internal/ingress/annotations/annotations.go,
// Extract): parser/validators.go, and the parser of each. Of others a value that is not taken is no value.
var nginxGrammars = sync.OnceValue(func() []grammar {
	matches := func(pattern string) func(string) bool { return regexp.MustCompile(pattern).MatchString }
	// Blanks inside are nothing to these.
	closed := func(takes func(string) bool) func(string) bool {
		return func(s string) bool { return takes(strings.ReplaceAll(s, " ", "")) }
	}
	secret := closed(matches(`^[/\-._~a-zA-Z0-9:]*$`))
	alias := matches(`^[/\-._~a-zA-Z0-9:^$\[\](){}*+?|&=\\]*$`)
	boolean := func(s string) bool {
		_, err := strconv.ParseBool(s)
		return err == nil
	}
	const trueOrFalse, aSecret = `"true" or "false"`, "the namespace and the name of a Secret, as in shop/client-ca"
	return []grammar{
		{name: "ssl-passthrough", takes: boolean, want: trueOrFalse},
		{name: "auth-tls-secret", takes: secret, want: aSecret},
		{name: "proxy-ssl-secret", takes: secret, want: aSecret},
		{name: "ssl-ciphers", takes: matches(`^([A-Za-z0-9!:+_ -]|@STRENGTH|@SECLEVEL=[0-5])*$`), want: "the names of ciphers with colons between them"},
		{
			name: "server-alias", want: "host names with commas between them",
			takes: func(s string) bool {
				return !slices.ContainsFunc(strings.Split(s, ","), func(name string) bool { return !alias(strings.TrimSpace(name)) })
			},
		},
		// authtls/main.go reads these once it has the Secret.
		{
			name: "auth-tls-match-cn", want: "CN= and a regular expression", after: "client-ca",
			takes: func(s string) bool {
				expression, found := strings.CutPrefix(s, "CN=")
				_, err := regexp.Compile(expression)
				return found && err == nil
			},
		},
		{
			name: "auth-tls-error-page", want: "a URL without a query, in plain letters", after: "client-ca",
			takes: closed(matches(`^(@[A-Za-z0-9_-]+|((https?://)?[A-Za-z0-9\-.]+(:\d+)?)?(/[A-Za-z0-9\-_.]+)*/?)$`)),
		},
		{name: "auth-tls-pass-certificate-to-upstream", takes: boolean, want: trueOrFalse, after: "client-ca"},
	}
})

// notTaken adds the annotations whose values ingress-nginx does not take. Of those that something else fills in, nothing is known yet.
func (g *gathering) notTaken(lists map[string]any, c *provider.Controller, annotations map[string]any) {
	for _, grammar := range nginxGrammars() {
		key := c.Reads.Prefix + grammar.name
		value, _ := annotations[key].(string)
		if value == "" || grammar.takes(value) || unfilled(value) || !g.room(lists, "refused") {
			continue
		}
		element := map[string]any{
			"path": []any{"metadata", "annotations", key}, "controller": c.Name, "name": grammar.name, "reason": "value", "want": grammar.want,
		}
		if grammar.after != "" {
			element["after"] = grammar.after
		}
		add(lists, "refused", element)
	}
}
