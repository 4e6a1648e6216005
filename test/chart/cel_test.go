package chart_test

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/admission"
	admissioncel "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/cel/environment"
	"sigs.k8s.io/yaml"
)

// expressions compiles each expression once, which is what costs.
type expressions struct {
	compiler admissioncel.ConditionCompiler
	compiled map[string]admissioncel.ConditionEvaluator
}

// cel is CEL as the oldest API server has it that Chart.yaml admits.
func cel(t *testing.T) expressions {
	t.Helper()
	meta := chartFile[struct{ KubeVersion string }](t, "Chart.yaml")
	oldest, err := version.ParseGeneric(strings.TrimSuffix(strings.TrimPrefix(meta.KubeVersion, ">="), "-0"))
	if err != nil {
		t.Fatal(err)
	}
	return expressions{admissioncel.NewConditionCompiler(environment.MustBaseEnvSet(oldest)), map[string]admissioncel.ConditionEvaluator{}}
}

// request is an object on its way into the API server.
type request struct {
	resource    schema.GroupVersionResource
	object, old map[string]any
	authorizer  authorizer.UnconditionalAuthorizer
	user        user.DefaultInfo // "dev" where it has no name
}

// evaluate returns what an expression says; a compile error or one at run time is a failure of the test.
func (e expressions) evaluate(t *testing.T, r request, expression string) bool {
	t.Helper()
	condition, ok := e.compiled[expression]
	if !ok {
		condition = e.compiler.CompileCondition([]admissioncel.ExpressionAccessor{&matchconditions.MatchCondition{Expression: expression}}, admissioncel.OptionalVariableDeclarations{HasAuthorizer: true}, environment.NewExpressions)
		if errs := condition.CompilationErrors(); len(errs) > 0 {
			t.Fatal(errs)
		}
		e.compiled[expression] = condition
	}
	var object, old runtime.Object
	operation := admission.Delete
	if r.object != nil {
		object, operation = &unstructured.Unstructured{Object: r.object}, admission.Create
	}
	if r.old != nil {
		old = &unstructured.Unstructured{Object: r.old}
		if r.object != nil {
			operation = admission.Update
		}
	}
	kind := r.resource.GroupVersion().WithKind("Any")
	r.user.Name = cmp.Or(r.user.Name, "dev")
	attributes := &admission.VersionedAttributes{
		Attributes:      admission.NewAttributesRecord(object, old, kind, "shop", "it", r.resource, "", operation, nil, false, &r.user),
		VersionedObject: admission.NewLazyObject(object), VersionedOldObject: admission.NewLazyObject(old), VersionedKind: kind,
	}
	results, _, err := condition.ForInput(t.Context(), attributes,
		admissioncel.CreateAdmissionRequest(attributes.Attributes, metav1.GroupVersionResource(r.resource), metav1.GroupVersionKind(kind)),
		admissioncel.OptionalVariableBindings{Authorizer: r.authorizer}, nil, celconfig.RuntimeCELCostBudgetMatchConditions)
	if err != nil {
		t.Fatal(err)
	}
	if results[0].Error != nil {
		t.Errorf("%s\nobject %v\nold %v\n%v", expression, r.object, r.old, results[0].Error)
		return false
	}
	return results[0].EvalResult.Value() == true
}

// TestMatchConditions: a condition compiles, speaks about its own kind only, never errs, however little an object has, and
// says the same of what an update takes away as of what it brings: the removal of mTLS must be seen.
func TestMatchConditions(t *testing.T) {
	objects := []map[string]any{
		parse(t, `{apiVersion: any/v1, kind: Any, metadata: {name: it}}`),
		parse(t, `{apiVersion: any/v1, kind: Any, metadata: {name: it, annotations: {}}, spec: {}}`),
		parse(t, `{apiVersion: any/v1, kind: Any, metadata: {name: it, annotations: {a: b}, labels: {}}, spec: {listeners: [{name: a}], rules: [{}]}}`),
		parse(t, `{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: it}, spec: {tls: [{}], rules: [{host: a}]}}`),
		parse(t, `{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: it}, spec: {tls: {frontend: {}}, listeners: [{tls: {}}]}}`),
	}
	objects = append(objects, scenes(t, "")...)
	env := cel(t)
	for _, values := range []string{``, matrix["extra kinds"]} {
		for _, w := range webhooks(decode(t, rendered(t, parse(t, values)))) {
			if w.Name != "validate.tlsward.dev" && w.Name != "mutate.tlsward.dev" {
				continue // the others have the same conditions: TestJudgedKinds
			}
			for _, condition := range w.MatchConditions {
				resource, group, _ := strings.Cut(condition.Name, ".")
				own := schema.GroupVersionResource{Group: group, Version: "v1", Resource: resource}
				other := schema.GroupVersionResource{Group: "other.example", Version: "v1", Resource: resource}
				says := func(resource schema.GroupVersionResource, object, old map[string]any) bool {
					return env.evaluate(t, request{resource: resource, object: object, old: old}, condition.Expression)
				}
				for _, object := range objects {
					if !says(other, object, nil) {
						t.Errorf("%s holds against other kinds", condition.Expression)
					}
					if own := strings.ToLower(fmt.Sprint(object["kind"])); own != "any" && !strings.HasPrefix(resource, own) {
						continue // a condition may rely on the schema of its kind
					}
					created := says(own, object, nil)
					updated := says(own, object, objects[0])
					emptied := says(own, objects[0], object)
					deleted := says(own, nil, object)
					if strings.HasPrefix(group, "acme.") {
						continue // the user's own may look at the new object only
					}
					if created != updated || created != emptied || created != deleted {
						t.Errorf("%s\n%v\ncreated %v, updated %v, emptied %v, deleted %v", condition.Expression, object, created, updated, emptied, deleted)
					}
				}
			}
		}
	}
}

// TestMatchConditionsOfLargeObjects: nobody gets around a webhook by annotations that make its condition too expensive, after
// which an API server does what it does when a webhook is down.
func TestMatchConditionsOfLargeObjects(t *testing.T) {
	const perKey = 5
	annotations := map[string]any{"nginx.ingress.kubernetes.io/auth-tls-secret": "shop/client-ca"}
	for i := range validation.TotalAnnotationSizeLimitB / perKey {
		annotations[fmt.Sprintf("%0*d", perKey, i)] = ""
	}
	large := parse(t, `{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: it}, spec: {}}`)
	large["metadata"].(map[string]any)["annotations"] = annotations
	r := request{resource: schema.GroupVersionResource{Group: "networking.k8s.io", Version: "v1", Resource: "ingresses"}, object: large, old: large}
	env := cel(t)
	for _, w := range webhooks(decode(t, rendered(t, nil))) {
		for _, condition := range w.MatchConditions {
			if !env.evaluate(t, r, condition.Expression) {
				t.Errorf("%s: condition %s keeps it away", w.Name, condition.Name)
			}
		}
	}
}

// TestReportedObjectsReachTheWebhook: an object at which a scene expects a finding comes past the conditions.
func TestReportedObjectsReachTheWebhook(t *testing.T) {
	env := cel(t)
	judged := map[string]kindOf{}
	for _, kind := range chartFile[generated](t, "files/kinds.yaml").Judged {
		judged[kind.Kind+"."+kind.Group] = kind
	}
	hooks := map[string]webhook{}
	for _, w := range webhooks(decode(t, rendered(t, nil))) {
		hooks[w.Name] = w
	}
	for name, only := range map[string]string{"validate.tlsward.dev": "# want ", "mutate.tlsward.dev": "# want ingress-nginx/verify-depth-unset"} {
		reached := 0
		for _, object := range scenes(t, only) {
			group, version, _ := strings.Cut(fmt.Sprint(object["apiVersion"]), "/")
			kind, ok := judged[fmt.Sprint(object["kind"])+"."+group]
			if !ok {
				continue // reported by lint and audit only
			}
			r := request{resource: schema.GroupVersionResource{Group: group, Version: version, Resource: kind.Resource}, object: object}
			for _, condition := range hooks[name].MatchConditions {
				if !env.evaluate(t, r, condition.Expression) {
					t.Errorf("%s: condition %s keeps away %v", name, condition.Name, object["metadata"])
				}
			}
			reached++
		}
		if reached == 0 {
			t.Errorf("%s: no scene", name)
		}
	}
}

// scenes returns the objects of all scenes of rules that speak at admission, or those with such a comment in them.
func scenes(t *testing.T, comment string) []map[string]any {
	t.Helper()
	elsewhere := regexp.MustCompile(`(?m)^#.*\b(admission: none|doors: \[lint\])`)
	var objects []map[string]any
	root := filepath.Join("..", "..", "policies")
	atAdmission := func(id string) bool {
		rule, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(id), "rule.rego"))
		return err == nil && !elsewhere.Match(rule)
	}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".yaml" || entry.Name() == "provider.yaml" || entry.Name() == "retired.yaml" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for document := range documents(t, text) {
			object := map[string]any{}
			if !strings.Contains(string(document), comment) || !slices.ContainsFunc(wanted(document), atAdmission) || yaml.Unmarshal(document, &object) != nil || object["kind"] == nil || object["kind"] == "List" {
				continue // malformed on purpose
			}
			if metadata, ok := object["metadata"].(map[string]any); ok && stringsOnly(metadata["annotations"]) {
				objects = append(objects, object)
			}
		}
		return nil
	})
	if err != nil || len(objects) == 0 {
		t.Fatalf("%s: %d scenes, %v", root, len(objects), err)
	}
	return objects
}

// wanted are the rules that a document of a scene expects findings of.
func wanted(document []byte) (rules []string) {
	for _, match := range regexp.MustCompile(`(?m)# want (.+)$`).FindAllSubmatch(document, -1) {
		rules = append(rules, strings.Fields(string(match[1]))...)
	}
	return rules
}

// stringsOnly: what else stands there as an annotation, no API server hands on.
func stringsOnly(annotations any) bool {
	values, ok := annotations.(map[string]any)
	for _, value := range values {
		if _, isString := value.(string); !isString {
			return false
		}
	}
	return ok || annotations == nil
}

// permission is an authorizer that knows one user, who may set the mode of namespace shop.
type permission bool

func (p permission) Authorize(_ context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
	if a.GetAPIGroup() == "tlsward.dev" && a.GetResource() == "modes" && a.GetVerb() == "set" && a.GetName() == "shop" && a.GetNamespace() == "" && bool(p) {
		return authorizer.DecisionAllow, "", nil
	}
	return authorizer.DecisionNoOpinion, "", nil
}

func TestNamespaceModePolicy(t *testing.T) {
	env := cel(t)
	policy := one[*admissionregistrationv1.ValidatingAdmissionPolicy](t, decode(t, rendered(t, nil)))
	namespace := func(name string, labels ...string) map[string]any {
		metadata := map[string]any{}
		if name != "" {
			metadata["name"] = name
		}
		for i := 0; i < len(labels); i += 2 {
			if metadata["labels"] == nil {
				metadata["labels"] = map[string]any{}
			}
			metadata["labels"].(map[string]any)[labels[i]] = labels[i+1]
		}
		return map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
	}
	const mode = "tlsward.dev/mode"
	type verdict struct{ allowed, others bool } // for who may set modes, and for everybody else
	free, granted, never := verdict{true, true}, verdict{true, false}, verdict{false, false}
	for name, test := range map[string]struct {
		object, old map[string]any
		want        verdict
	}{
		"created without labels":         {namespace("shop"), nil, free},
		"created with other labels":      {namespace("shop", "team", "edge"), nil, free},
		"created with the label":         {namespace("shop", mode, "off"), nil, granted},
		"created with a wrong one":       {namespace("shop", mode, "Enforce"), nil, never},
		"created elsewhere":              {namespace("blog", mode, "off"), nil, never},
		"created with a generated name":  {namespace("", mode, "off"), nil, never},
		"updated without labels":         {namespace("shop"), namespace("shop"), free},
		"updated beside the label":       {namespace("shop", mode, "warn", "team", "edge"), namespace("shop", mode, "warn"), free},
		"updated beside a wrong label":   {namespace("shop", mode, "Enforce", "a", "b"), namespace("shop", mode, "Enforce"), free},
		"label added":                    {namespace("shop", mode, "warn"), namespace("shop"), granted},
		"label added to others":          {namespace("shop", mode, "warn", "a", "b"), namespace("shop", "a", "b"), granted},
		"label changed":                  {namespace("shop", mode, "warn"), namespace("shop", mode, "enforce"), granted},
		"label changed to a wrong value": {namespace("shop", mode, "none"), namespace("shop", mode, "enforce"), never},
		"label removed":                  {namespace("shop"), namespace("shop", mode, "enforce"), granted},
		"label emptied":                  {namespace("shop", mode, ""), namespace("shop", mode, "enforce"), granted},
	} {
		for _, may := range []bool{true, false} {
			r := request{resource: schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}, object: test.object, old: test.old, authorizer: permission(may)}
			allowed := true
			matches := true
			for _, condition := range policy.Spec.MatchConditions {
				matches = matches && env.evaluate(t, r, condition.Expression)
			}
			for _, check := range policy.Spec.Validations {
				// Evaluated in any case: an error in the policy would refuse namespaces that nobody labelled.
				said := env.evaluate(t, r, check.Expression)
				allowed = allowed && (!matches || said)
			}
			want := test.want.others
			if may {
				want = test.want.allowed
			}
			if allowed != want {
				t.Errorf("%s, permission %v: allowed %v", name, may, allowed)
			}
		}
	}
	if resources := policy.Spec.MatchConstraints.ResourceRules[0].Resources; strings.Join(resources, " ") != "namespaces namespaces/finalize namespaces/status" {
		t.Errorf("the policy sees %v: labels can be changed through each of the three", resources)
	}
	if *policy.Spec.FailurePolicy != admissionregistrationv1.Fail {
		t.Error("the policy is no lock if it lets through what it cannot judge")
	}
}
