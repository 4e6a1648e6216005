package cel

import (
	"encoding/base64"
	"net/url"
	"regexp"
	"slices"
	"sync"
	"time"

	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation"
)

// format is a named form of strings, as Kubernetes adds them to the language: format.dns1123Label().
type format struct {
	validate func(string) []string
}

// optional is a value that may not be there.
type optional struct {
	value any
	there bool
}

// formats has no initialiser of its own, so that a program that asks for none does not pay for them.
var formats = sync.OnceValue(func() map[string]format {
	named := func(f func(string, bool) []string, prefix bool) format {
		return format{func(s string) []string { return f(s, prefix) }}
	}
	valid := func(f func(string) error) format {
		return format{func(s string) []string {
			if err := f(s); err != nil {
				return []string{err.Error()}
			}
			return nil
		}}
	}
	uuid := regexp.MustCompile(`(?i)^[0-9A-F]{8}-?[0-9A-F]{4}-?[0-9A-F]{4}-?[0-9A-F]{4}-?[0-9A-F]{12}$`)
	return map[string]format{
		"dns1123Label":           named(apivalidation.NameIsDNSLabel, false),
		"dns1123LabelPrefix":     named(apivalidation.NameIsDNSLabel, true),
		"dns1123Subdomain":       named(apivalidation.NameIsDNSSubdomain, false),
		"dns1123SubdomainPrefix": named(apivalidation.NameIsDNSSubdomain, true),
		"dns1035Label":           named(apivalidation.NameIsDNS1035Label, false),
		"dns1035LabelPrefix":     named(apivalidation.NameIsDNS1035Label, true),
		"qualifiedName":          {validation.IsQualifiedName},
		"labelValue":             {validation.IsValidLabelValue},
		"uri":                    valid(func(s string) error { _, err := url.ParseRequestURI(s); return err }),
		"byte":                   valid(func(s string) error { _, err := base64.StdEncoding.DecodeString(s); return err }),
		"date":                   valid(func(s string) error { _, err := time.Parse(time.DateOnly, s); return err }),
		"uuid": {func(s string) []string {
			if !uuid.MatchString(s) {
				return []string{"does not match the UUID format"}
			}
			return nil
		}},
	}
})

// formatNames are those that rules may call.
var formatNames = []string{
	"dns1123Label", "dns1123LabelPrefix", "dns1123Subdomain", "dns1123SubdomainPrefix", "dns1035Label", "dns1035LabelPrefix",
	"qualifiedName", "labelValue", "uri", "byte", "date", "uuid",
}

func isFormat(name string) bool { return slices.Contains(formatNames, name) }

// validate gives nothing where a string is of a format, and else what is wrong with it.
func validate(a []any) (any, error) {
	form, ok := a[0].(format)
	text, alsoOK := a[1].(string)
	if !ok || !alsoOK {
		return nil, mismatch(a)
	}
	wrong := form.validate(text)
	list := make([]any, len(wrong))
	for i := range wrong {
		list[i] = wrong[i]
	}
	return optional{list, len(wrong) > 0}, nil
}

func hasValue(a []any) (any, error) {
	if o, ok := a[0].(optional); ok {
		return o.there, nil
	}
	return nil, mismatch(a)
}

func orValue(a []any) (any, error) {
	o, ok := a[0].(optional)
	switch {
	case !ok:
		return nil, mismatch(a)
	case o.there:
		return o.value, nil
	}
	return a[1], nil
}

func valueOf(a []any) (any, error) {
	o, ok := a[0].(optional)
	switch {
	case !ok:
		return nil, mismatch(a)
	case !o.there:
		return nil, failed("optional.none() dereference")
	}
	return o.value, nil
}
