package facts_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
)

const (
	shopIngress = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: shop, annotations: {nginx.ingress.kubernetes.io/auth-tls-secret: certs/ca}}\nspec: {ingressClassName: nginx}"
	foreignCA   = "apiVersion: v1\nkind: Secret\nmetadata: {name: ca, namespace: certs}\ndata: {tls.key: '', ca.crt: '', notes: ''}"
	nginxClass  = "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: nginx}\nspec: {controller: k8s.io/ingress-nginx}"
)

// deployment is an installation of ingress-nginx, of a name, in a namespace of that name.
func deployment(name, command string, args ...string) string {
	return fmt.Sprintf("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: %s, namespace: %s}\nspec: {template: {spec: {containers: [{name: log, args: [--configmap=x/y]}, {name: controller, command: [%s], args: ['%s']}]}}}",
		name, name, command, strings.Join(args, "', '"))
}

func helmRelease(spec string) string {
	return "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: nginx, namespace: edge}\nspec: {chart: {spec: {chart: ingress-nginx}}, " + spec + "}"
}

func application(helm string) string {
	return "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: nginx, namespace: argocd}\nspec: {source: {chart: ingress-nginx, helm: {" + helm + "}}}"
}

func configMap(namespace, name, data string) string {
	return fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s, namespace: %s}\ndata: {%s}", name, namespace, data)
}

func labelled(namespace, data string) string {
	return strings.Replace(configMap(namespace, "release-ingress-nginx-controller", data), "metadata: {",
		"metadata: {labels: {app.kubernetes.io/name: ingress-nginx, app.kubernetes.io/component: controller}, ", 1)
}

// TestSettings goes through the places where a controller's settings stand.
func TestSettings(t *testing.T) {
	const program = "/nginx-ingress-controller"
	const crossing, passthrough, redirect = "allow-cross-namespace-resources", "enable-ssl-passthrough", "ssl-redirect"
	for name, test := range map[string]struct {
		around  []string
		config  map[string]string
		setting string
		want    string // value, certainty and a part of the reason
	}{
		"nothing in sight":                     {nil, nil, crossing, "false assumed its default; nothing in this tree says otherwise"},
		"the config":                           {[]string{labelled("edge", "")}, map[string]string{crossing: "1"}, crossing, "true known the config says so"},
		"a ConfigMap with upstream's labels":   {[]string{labelled("edge", `allow-cross-namespace-resources: "True"`)}, nil, crossing, "true known ConfigMap edge/release-ingress-nginx-controller sets it"},
		"which does not set it":                {[]string{labelled("edge", `ssl-redirect: "false"`)}, nil, crossing, "false known ConfigMap edge/release-ingress-nginx-controller does not set it"},
		"a usual name":                         {[]string{configMap("edge", "ingress-nginx-controller", `ssl-redirect: "f"`)}, nil, redirect, "false known ConfigMap edge/ingress-nginx-controller sets it"},
		"nothing, which is false":              {[]string{labelled("edge", `ssl-redirect: ""`)}, nil, redirect, "false known ConfigMap"},
		"no boolean, which leaves the default": {[]string{labelled("edge", `ssl-redirect: "no"`)}, nil, redirect, "true known its default; the value in ConfigMap edge/release-ingress-nginx-controller is neither true nor false"},
		"another ConfigMap":                    {[]string{configMap("edge", "settings", `ssl-redirect: "false"`)}, nil, redirect, "true assumed its default"},
		"text":                                 {[]string{labelled("edge", `ssl-protocols: TLSv1.3`)}, nil, "ssl-protocols", "TLSv1.3 known"},
		"what is too long to be kept":          {[]string{labelled("edge", "ssl-ciphers: "+strings.Repeat("A", 5000))}, nil, "ssl-ciphers", "ECDHE-"},
		"a copy that something else fills in":  {[]string{strings.Replace(labelled("edge", ""), "metadata: {", "metadata: {annotations: {reflector.v1.k8s.emberstack.com/reflects: a/b}, ", 1)}, nil, crossing, "false assumed its default; the value in ConfigMap edge/release-ingress-nginx-controller is not in sight"},
		"a flag without a workload":            {[]string{labelled("edge", "")}, nil, passthrough, "false assumed its default; nothing in this tree says otherwise"},
		"a flag without a value":               {[]string{deployment("edge", "", program, "--enable-ssl-passthrough", "--v=2")}, nil, passthrough, "true known Deployment edge/edge sets the flag"},
		"a flag with a value":                  {[]string{deployment("edge", "", program, "--enable-ssl-passthrough=false")}, nil, passthrough, "false known Deployment edge/edge sets the flag"},
		"a flag whose value stands apart":      {[]string{deployment("edge", "", program, "--default-ssl-certificate", "edge/tls")}, nil, "default-ssl-certificate", "edge/tls known"},
		"a flag that is not set":               {[]string{deployment("edge", program, "--v=2")}, nil, passthrough, "false known Deployment edge/edge does not set the flag"},
		"another program":                      {[]string{deployment("edge", "/other", "--enable-ssl-passthrough")}, nil, passthrough, "false assumed"},
		"a workload that reads no ConfigMap":   {[]string{deployment("edge", program)}, nil, crossing, "false known Deployment edge/edge reads no ConfigMap"},
		"the ConfigMap of a workload":          {[]string{deployment("edge", program, "--configmap=$(POD_NAMESPACE)/own"), configMap("edge", "own", crossing+`: "true"`), labelled("old", "")}, nil, crossing, "true known ConfigMap edge/own sets it"},
		"a ConfigMap out of sight":             {[]string{deployment("edge", program, "--configmap=infra/own")}, nil, crossing, "false assumed its default; ConfigMap infra/own is not in this tree"},
		"a ConfigMap nobody can name":          {[]string{deployment("edge", program, "--configmap=$(WHERE)/own")}, nil, crossing, "false assumed its default; its ConfigMap is not in this tree"},
		"another class's installation":         {[]string{nginxClass, deployment("office", program, "--controller-class=k8s.io/office", "--enable-ssl-passthrough")}, nil, passthrough, "false assumed its default; nothing"},
		"that of the class beside another": {
			[]string{nginxClass, deployment("office", program, "--controller-class=k8s.io/office", "--enable-ssl-passthrough"), deployment("edge", program, "--controller-class=k8s.io/ingress-nginx")},
			nil, passthrough, "false known Deployment edge/edge does not set the flag",
		},
		"a release of Flux":                 {[]string{helmRelease(`values: {controller: {config: {allow-cross-namespace-resources: true}, extraArgs: {enable-ssl-passthrough: ""}}}`)}, nil, crossing, "true known HelmRelease edge/nginx sets it"},
		"a flag of it":                      {[]string{helmRelease(`values: {controller: {extraArgs: {enable-ssl-passthrough: ""}}}`)}, nil, passthrough, "true known HelmRelease edge/nginx sets the flag"},
		"a flag that is a value of its own": {[]string{helmRelease(`values: {controller: {watchIngressWithoutClass: true}}`)}, nil, "watch-ingress-without-class", "true known HelmRelease edge/nginx sets the flag"},
		"what it does not set":              {[]string{helmRelease(`values: {controller: {kind: DaemonSet}}`)}, nil, crossing, "false known HelmRelease edge/nginx does not set it"},
		"a flag that it does not set":       {[]string{helmRelease(`values: {}`)}, nil, passthrough, "false known HelmRelease edge/nginx does not set the flag"},
		"values from elsewhere":             {[]string{helmRelease(`valuesFrom: [{kind: ConfigMap, name: nginx}]`)}, nil, crossing, "false assumed its default; not all that HelmRelease edge/nginx sets is in sight"},
		"flags from elsewhere":              {[]string{helmRelease(`valuesFrom: [{kind: ConfigMap, name: nginx}]`)}, nil, passthrough, "false assumed its default; not all that HelmRelease edge/nginx sets is in sight"},
		"set, with others from elsewhere":   {[]string{helmRelease(`values: {controller: {config: {ssl-redirect: "false"}}}, valuesFrom: [{kind: ConfigMap, name: nginx}]`)}, nil, redirect, "false known HelmRelease edge/nginx sets it"},
		"a placeholder in a release":        {[]string{helmRelease(`values: {controller: {config: {ssl-redirect: "${REDIRECT}"}}}`)}, nil, redirect, "true assumed its default; not all"},
		"a release of something else":       {[]string{strings.Replace(helmRelease(`values: {controller: {config: {ssl-redirect: "false"}}}`), "chart: ingress-nginx", "chart: podinfo", 1)}, nil, redirect, "true assumed its default; nothing"},
		"of another class":                  {[]string{nginxClass, helmRelease(`values: {controller: {ingressClassResource: {controllerValue: k8s.io/office}, config: {ssl-redirect: "false"}}}`)}, nil, redirect, "true assumed its default; nothing"},
		"values of an odd shape":            {[]string{helmRelease(`values: {controller: [config]}`)}, nil, redirect, "true known HelmRelease edge/nginx does not set it"},
		"an Application of Argo CD":         {[]string{application("valuesObject: {controller: {config: {ssl-redirect: false}}}")}, nil, redirect, "false known Application argocd/nginx sets it"},
		"one whose values are a text":       {[]string{application("values: 'controller: {config: {ssl-redirect: \"false\"}}'")}, nil, redirect, "false known Application argocd/nginx sets it"},
		"a text that is no YAML":            {[]string{application("values: 'controller: {'")}, nil, redirect, "true assumed its default; not all that Application argocd/nginx sets is in sight"},
		"one with parameters":               {[]string{application("parameters: [{name: controller.kind, value: DaemonSet}]")}, nil, redirect, "true assumed its default; not all"},
		"two that agree":                    {[]string{labelled("edge", `ssl-redirect: "false"`), labelled("office", `ssl-redirect: "0"`)}, nil, redirect, "false known ConfigMap edge/"},
		"two that differ":                   {[]string{labelled("edge", `ssl-redirect: "false"`), labelled("office", "")}, nil, redirect, "true assumed its default; installations differ: ConfigMap edge/release-ingress-nginx-controller sets it, but ConfigMap office/"},
	} {
		t.Run(name, func(t *testing.T) {
			s := facts.Settings{Configured: map[string]map[string]string{"ingress-nginx": test.config}}
			document := gather(t, s, strings.Join(append([]string{shopIngress}, test.around...), "\n---\n"))
			if got := told(document, test.setting); !strings.HasPrefix(got, test.want) {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func told(document map[string]any, name string) string {
	settings, _ := document["settings"].(map[string]any)
	values, _ := settings["ingress-nginx"].(map[string]any)
	setting, _ := values[name].(map[string]any)
	return fmt.Sprint(setting["value"], " ", setting["certainty"], " ", setting["reason"])
}

// TestSettingsOfOthers: of controllers that do not act on an object, nothing is said.
func TestSettingsOfOthers(t *testing.T) {
	document := gather(t, facts.Settings{}, strings.Replace(shopIngress, "ingressClassName: nginx", "ingressClassName: traefik", 1)+"\n---\n"+labelled("edge", ""))
	if document["settings"] != nil {
		t.Errorf("got %v", document["settings"])
	}
}

// TestSettingsInAnyOrder: facts are the same in whatever order the objects came, twins of one identity among them.
func TestSettingsInAnyOrder(t *testing.T) {
	const program = "/nginx-ingress-controller"
	around := []string{
		nginxClass, foreignCA,
		deployment("edge", program, "--configmap=edge/a"), deployment("office", program, "--configmap=office/b", "--enable-ssl-passthrough"),
		deployment("lab", program, "--configmap=lab/none"),
		configMap("edge", "a", `ssl-redirect: "false", allow-cross-namespace-resources: "true"`), configMap("office", "b", `ssl-redirect: "false"`),
		labelled("edge", ""), labelled("office", `use-forwarded-headers: "true"`),
	}
	random := rand.New(rand.NewPCG(1, 2))
	s := facts.Settings{Providers: shipped(t), Scope: "this tree"}
	var first facts.Facts
	for range 50 {
		random.Shuffle(len(around), func(i, j int) { around[i], around[j] = around[j], around[i] })
		list := objects(t, strings.Join(append([]string{shopIngress}, around...), "\n---\n"))
		store := inventory.New(inventory.Options{Providers: s.Providers})
		for _, obj := range list {
			store.Add(obj)
		}
		document := facts.Gather(facts.Request{Object: list[0], Inventory: store.Snapshot(), Now: now}, s)
		if first == nil {
			first = document
		} else if !reflect.DeepEqual(first, document) {
			t.Fatalf("got  %v\nwant %v", document["settings"], first["settings"])
		}
	}
}

// TestSettingsInACluster: of ConfigMaps and workloads the inventory of a cluster keeps what settings are read from, and as
// long as not all of them are in sight, nothing is denied for a default.
func TestSettingsInACluster(t *testing.T) {
	const hidden = "--password=hunter2"
	s := facts.Settings{Providers: shipped(t), Scope: "this cluster"}
	gather := func(complete bool, around ...string) (map[string]any, *inventory.Store) {
		store := inventory.New(inventory.Options{Providers: s.Providers, Cluster: true})
		list := objects(t, strings.Join(append([]string{shopIngress, foreignCA}, around...), "\n---\n"))
		for _, obj := range list {
			store.Put(obj)
		}
		for _, kind := range []string{"ConfigMap", "Secret", "Deployment.apps", "DaemonSet.apps"} {
			store.SetComplete(kind, "", complete)
		}
		return facts.Gather(facts.Request{Object: list[0], Inventory: store.Snapshot(), Now: now, Tenant: true}, s), store
	}
	ref := func(document map[string]any) map[string]any {
		return document["refs"].(map[string]any)["client-ca"].([]any)[0].(map[string]any)
	}
	installed := []string{deployment("edge", "/nginx-ingress-controller", hidden, "--configmap=edge/own"), configMap("edge", "own", `allow-cross-namespace-resources: "true", other: hunter2`)}
	document, store := gather(true, installed...)
	if got := ref(document); got["grant"] != "granted" || got["presence"] != "present" || !slices.Equal(got["keys"].([]any), []any{"ca.crt", "tls.key"}) {
		t.Errorf("got %v", got)
	}
	for _, entry := range store.Snapshot().Kind(inventory.Installation("ingress-nginx"), "", kube.ID{}) {
		if text := fmt.Sprint(entry.Object().Fields); strings.Contains(text, "hunter2") {
			t.Errorf("kept %s", text)
		}
	}
	for name, test := range map[string]struct {
		complete bool
		around   []string
		want     string
	}{
		"nothing is in sight yet":      {false, nil, "unknown"},
		"nothing is there":             {true, nil, "refused-by-default"},
		"the ConfigMap is not there":   {true, installed[:1], "unknown"},
		"installations differ":         {true, append(installed, deployment("lab", "/nginx-ingress-controller")), "unknown"},
		"the ConfigMap does not allow": {false, []string{labelled("edge", "")}, "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			document, _ := gather(test.complete, test.around...)
			got := ref(document)
			if got["grant"] != test.want || got["presence"] != "unknown" || got["keys"] != nil || got["content"] != nil || len(got["near"].([]any)) > 0 {
				t.Errorf("got %v, want grant %s and no more", got, test.want)
			}
		})
	}
}

// TestApart: Ingresses of one host are peers where one proxy serves them, by whatever name they call its class.
func TestApart(t *testing.T) {
	class := func(name, controller string) string {
		return "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: " + name + "}\nspec: {controller: " + controller + "}"
	}
	ingress := func(name, annotations, spec string) string {
		return "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: " + name + ", namespace: shop, annotations: {" + annotations + "}}\nspec: {" + spec + "rules: [{host: a.test}]}"
	}
	byName := func(name string) string { return "ingressClassName: " + name + ", " }
	const byAnnotation, nginx = "kubernetes.io/ingress.class: nginx", "nginx.ingress.kubernetes.io/ssl-redirect: 'true'"
	for name, test := range map[string]struct {
		mine, other string
		classes     []string
		settings    facts.Settings
		peers       bool
	}{
		"by name and by annotation":         {ingress("a", "", byName("nginx")), ingress("b", byAnnotation, ""), nil, facts.Settings{}, true},
		"by annotation and by name":         {ingress("a", byAnnotation, ""), ingress("b", "", byName("nginx")), nil, facts.Settings{}, true},
		"two classes of one controller":     {ingress("a", "", byName("nginx")), ingress("b", "", byName("internal")), []string{class("nginx", "k8s.io/ingress-nginx"), class("internal", "k8s.io/ingress-nginx")}, facts.Settings{}, true},
		"two classes of two installations":  {ingress("a", "", byName("nginx")), ingress("b", "", byName("internal")), []string{class("nginx", "k8s.io/ingress-nginx"), class("internal", "k8s.io/internal-nginx")}, facts.Settings{}, false},
		"two of another kind of controller": {ingress("a", "", byName("kong")), ingress("b", "", byName("inner")), []string{class("kong", "ingress-controllers.konghq.com/kong"), class("inner", "ingress-controllers.konghq.com/kong")}, facts.Settings{}, false},
		"two names, and no class in sight":  {ingress("a", nginx, byName("nginx")), ingress("b", nginx, byName("nginx-internal")), nil, facts.Settings{}, false},
		"two names that the config knows":   {ingress("a", "", byName("one")), ingress("b", "", byName("two")), nil, facts.Settings{Classes: map[string]string{"one": "ingress-nginx", "two": "ingress-nginx"}}, false},
		"other controllers":                 {ingress("a", "", byName("nginx")), ingress("b", "", byName("traefik")), nil, facts.Settings{}, false},
		"no class, by its annotations":      {ingress("a", nginx, ""), ingress("b", "", byName("traefik")), nil, facts.Settings{}, false},
		"no class beside one":               {ingress("a", "", byName("nginx")), ingress("b", "", ""), nil, facts.Settings{}, true},
		"no class at all":                   {ingress("a", "", ""), ingress("b", "", byName("nginx")), nil, facts.Settings{}, true},
	} {
		t.Run(name, func(t *testing.T) {
			document := gather(t, test.settings, strings.Join(append([]string{test.mine, test.other}, test.classes...), "\n---\n"))
			peers, _ := document["peers"].(map[string]any)
			if got := peers["host"] != nil; got != test.peers {
				t.Errorf("peers: got %t, want %t", got, test.peers)
			}
		})
	}
}

// TestClassOfAnInstallation: a controller string of somebody's own is known by the workload that listens to it.
func TestClassOfAnInstallation(t *testing.T) {
	class := strings.Replace(nginxClass, "k8s.io/ingress-nginx", "k8s.io/office", 1)
	document := gather(t, facts.Settings{}, strings.Join([]string{shopIngress, class, deployment("office", "/nginx-ingress-controller", "--controller-class=k8s.io/office")}, "\n---\n"))
	controllers, _ := document["controllers"].(map[string]any)
	if told, _ := controllers["ingress-nginx"].(map[string]any); len(controllers) != 1 || told["certainty"] != "known" {
		t.Errorf("got %v", controllers)
	}
}

// TestSelfPromised: what an object has made for itself is promised, but not where only what is sure counts.
func TestSelfPromised(t *testing.T) {
	const manifest = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: shop, annotations: {cert-manager.io/issuer: acme, nginx.ingress.kubernetes.io/auth-tls-secret: shop/web-tls}}\nspec: {ingressClassName: nginx, tls: [{hosts: [shop.test], secretName: web-tls}]}"
	providers := shipped(t)
	for name, test := range map[string]struct {
		sure   bool
		around string
		want   string
	}{
		"believed":                  {false, "", "promised"},
		"only what is sure counts":  {true, "", "absent"},
		"somebody else promises it": {true, "\n---\napiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: web-tls, namespace: shop}\nspec: {encryptedData: {ca.crt: x}}", "promised"},
		"it is there":               {true, "\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: web-tls, namespace: shop}\ndata: {ca.crt: ''}", "present"},
	} {
		t.Run(name, func(t *testing.T) {
			list := objects(t, manifest+test.around)
			store := inventory.New(inventory.Options{Providers: providers, Cluster: true})
			for _, obj := range list {
				store.Put(obj)
			}
			store.SetComplete("Secret", "", true)
			document := facts.Gather(facts.Request{Object: list[0], Inventory: store.Snapshot(), Now: now, Sure: test.sure}, facts.Settings{Providers: providers, Scope: "this cluster"})
			validate(t, schema(t), document)
			refs := document["refs"].(map[string]any)
			ref := refs["client-ca"].([]any)[0].(map[string]any)
			if ref["presence"] != test.want {
				t.Errorf("got %v", ref)
			}
			if name == "believed" && ref["self_promised"] != true {
				t.Errorf("not said: %v", ref)
			}
			if server := refs["server-certificate"].([]any)[0].(map[string]any); server["presence"] == "absent" || server["self_promised"] != nil {
				t.Errorf("a key pair is certain: %v", server)
			}
		})
	}
}
