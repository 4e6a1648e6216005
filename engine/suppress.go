package engine

import "github.com/tlsward/tlsward/rule"

// suppression returns what leaves a finding out of the verdict: an exemption of the config, else the object's own annotation
// where the operator lets that count. If nothing does, unheeded says why an annotation that was meant to does not.
func (e *Engine) suppression(r Request, d rule.Definition, f rule.Finding) (by *rule.Suppression, unheeded string) {
	settings := e.settings.Rules
	by = settings.Exempted(f.Rule, r.Object.ID, r.Now)
	if by == nil && f.BlamesTarget {
		by = settings.Exempted(f.Rule, f.Subject, r.Now)
	}
	if by != nil {
		return by, ""
	}
	ignore, void := rule.FindIgnore(rule.Annotated(r.Object.Fields), f.Rule, r.Now)
	const annotation = "the annotation " + rule.IgnoreAnnotation
	switch {
	case ignore == nil && void == "":
		return nil, ""
	case !settings.AnnotationExemptions:
		return nil, annotation + " does not count here: the config does not set annotationExemptions"
	case settings.Mandatory(d, r.Object.ID.Namespace):
		return nil, annotation + " does not count: the config has this rule not suppressible"
	case ignore == nil:
		return nil, annotation + " does not count: " + void
	}
	return &rule.Suppression{Kind: rule.ByAnnotation, Reason: ignore.Reason, Until: ignore.Until}, ""
}
