package effective_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/effective"
	"github.com/tlsward/tlsward/effective/effectivetest"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/rule"
)

const nginx = "ingress-nginx"

// each wants something of every row that a finding of ingress-nginx is about, and that there is one.
func each(port int, holds func(j *judged, f *rule.Finding, r *effective.Row) bool) claim {
	return func(j *judged, f *rule.Finding) string {
		rows := j.about(f, nginx, port)
		for i := range rows {
			if !denied(&rows[i]) && !holds(j, f, &rows[i]) {
				return written(&rows[i])
			}
		}
		return ""
	}
}

// some wants it of one.
func some(port int, holds func(j *judged, f *rule.Finding, r *effective.Row) bool) claim {
	return func(j *judged, f *rule.Finding) string {
		rows := j.about(f, nginx, port)
		var text strings.Builder
		for i := range rows {
			if denied(&rows[i]) || holds(j, f, &rows[i]) {
				return ""
			}
			text.WriteString(written(&rows[i]))
		}
		return "of all rows none is so:\n" + text.String()
	}
}

// denied: nobody is served for another reason, which is remarked, so that a rule says it, or unknown.
func denied(r *effective.Row) bool {
	return slices.Contains([]string{"403", "503"}, r.Value(effective.Answer).Is) || r.Unknown() != ""
}

// open: it is not known, or what is known is among these.
func open(v effective.Value, answers ...string) bool {
	return v.Unknown != "" || slices.Contains(answers, v.Is)
}

// by reports whether an annotation of an object is among what decides a value.
func by(v effective.Value, object kube.ID, annotation string) bool {
	return slices.ContainsFunc(v.By, func(s effective.Source) bool {
		return s.Object == object && s.Path.Equal(nginxAnnotation(annotation))
	})
}

func nginxAnnotation(name string) kube.Path {
	return kube.Path{"metadata", "annotations", "nginx.ingress.kubernetes.io/" + name}
}

func nginxClaims() map[string]claim {
	return map[string]claim{
		"ingress-nginx/client-ca-never-applied": each(443, func(_ *judged, f *rule.Finding, r *effective.Row) bool {
			v := *r.Value(effective.Clients)
			if r.Host == "" && len(v.By) > 0 {
				return !by(v, f.Object, "auth-tls-secret") // Who has no rules shares no host, as far as its facts go.
			}
			return !by(v, f.Object, "auth-tls-secret") && open(v, effective.Off, "")
		}),
		"ingress-nginx/client-ca-conflict": conflict,
		"ingress-nginx/client-ca-on-part-of-host": some(443, func(_ *judged, _ *rule.Finding, r *effective.Row) bool {
			return open(*r.Value(effective.Clients), effective.Required)
		}),
		"ingress-nginx/client-ca-wildcard-gap": each(443, func(_ *judged, _ *rule.Finding, r *effective.Row) bool {
			return open(*r.Value(effective.Clients), effective.Off)
		}),
		"ingress-nginx/passthrough-defeats-mtls": some(443, func(_ *judged, _ *rule.Finding, r *effective.Row) bool {
			return open(*r.Value(effective.Transport), effective.Passthrough)
		}),
		"ingress-nginx/passthrough-defeats-tls-settings": some(443, func(_ *judged, _ *rule.Finding, r *effective.Row) bool {
			return open(*r.Value(effective.Transport), effective.Passthrough)
		}),
		"ingress-nginx/passthrough-ineffective": each(443, func(_ *judged, f *rule.Finding, r *effective.Row) bool {
			if strings.Contains(f.Effect, "closed") {
				return open(*r.Value(effective.Transport), effective.Passthrough) && open(*r.Value(effective.Answer), "connection closed")
			}
			return open(*r.Value(effective.Transport), effective.TLS)
		}),
		"ingress-nginx/plain-http-open": some(80, func(_ *judged, f *rule.Finding, r *effective.Row) bool {
			v := *r.Value(effective.Transport)
			if strings.Contains(f.Message, "X-Forwarded-Proto") {
				return open(v, effective.Redirect, effective.Plain)
			}
			return open(v, effective.Plain) && open(*r.Value(effective.Answer), effective.Served)
		}),
		"ingress-nginx/server-certificate-missing": each(443, func(_ *judged, f *rule.Finding, r *effective.Row) bool {
			return r.Value(effective.ServerCertificate).Is != f.Subject.String()
		}),
		"ingress-nginx/tls-host-uncovered": each(443, func(_ *judged, f *rule.Finding, r *effective.Row) bool {
			return uncovered(f, *r.Value(effective.ServerCertificate))
		}),
		"ingress-nginx/default-certificate-pinned": each(443, func(_ *judged, f *rule.Finding, r *effective.Row) bool {
			return strings.Contains(f.Effect, " if ") || uncovered(f, *r.Value(effective.ServerCertificate))
		}),
		"ingress-nginx/server-certificate-conflict": each(443, func(_ *judged, _ *rule.Finding, r *effective.Row) bool {
			v := *r.Value(effective.ServerCertificate)
			// None of them may be of use.
			return open(v, "default certificate of ingress-nginx") || !slices.ContainsFunc(v.By, func(s effective.Source) bool { return s.Object != v.By[0].Object })
		}),
	}
}

// uncovered: clients are shown the default certificate, as far as the facts of the object go: no names are in them of a certificate that
// is still to be made, or that another Ingress has without listing the host.
func uncovered(f *rule.Finding, v effective.Value) bool {
	return open(v, "default certificate of ingress-nginx", "") || strings.Contains(v.Assumed, "not in sight") ||
		len(v.By) > 0 && v.By[0].Object != f.Object
}

// asking are the answers of a host by which policies differ.
func asking(rows []effective.Row, host string) (values [3]effective.Value, ok bool) {
	for i := range rows {
		if r := &rows[i]; r.Controller == nginx && r.Host == host && r.Port == 443 && r.Path != "" && !denied(r) {
			return [3]effective.Value{*r.Value(effective.Clients), *r.Value(effective.ClientCA), *r.Value(effective.ClientDepth)}, true
		}
	}
	return values, false
}

// asks are the answers if nobody else had the host, where auth-tls-secret of the object decides them.
func (j *judged) asks(object kube.ID, host string) (values [3]effective.Value, ok bool) {
	values, ok = asking(j.alone(object), host)
	return values, ok && values[0].Is != "" && by(values[0], object, "auth-tls-secret")
}

func sameAnswers(a, b [3]effective.Value) bool {
	return a[0].Is == b[0].Is && a[1].Is == b[1].Is && a[2].Is == b[2].Is
}

// conflict: of the policies at least one is not in force on some host, or nobody knows which is.
func conflict(j *judged, f *rule.Finding) string {
	if unseen.MatchString(f.Message) {
		return "" // What they differ in is in no row.
	}
	rows := j.about(f, nginx, 443)
	for i := range rows {
		inForce, ok := asking(j.rows, rows[i].Host)
		if !ok || denied(&rows[i]) || inForce[0].Unknown != "" || inForce[1].Unknown != "" || inForce[2].Unknown != "" {
			return ""
		}
		for _, o := range append([]rule.Related{{Object: f.Object}}, f.Related...) {
			if own, ok := j.asks(o.Object, rows[i].Host); !ok || !sameAnswers(own, inForce) {
				return ""
			}
		}
	}
	return "on each host all have what they ask for"
}

var unseen = regexp.MustCompile(` in (auth-tls-(error-page|pass-certificate-to-upstream|match-cn)( and |$))+`)

// nginxConflicts are the hosts of which two Ingresses ask for different things, without a word about it.
func nginxConflicts(j *judged) (missing []string) {
	hosts := map[string][]kube.ID{}
	for _, o := range j.tree.Of("Ingress.networking.k8s.io") {
		if canary, _ := o.Annotation("nginx.ingress.kubernetes.io/canary"); canary == "true" {
			continue // It leaves out what the Ingress says that it belongs to.
		}
		seen := map[string]bool{}
		for i := range j.alone(o.ID) {
			host := j.alone(o.ID)[i].Host
			if _, ok := j.asks(o.ID, host); ok && !seen[host] {
				seen[host] = true
				hosts[host] = append(hosts[host], o.ID)
			}
		}
	}
	for _, host := range kube.SortedKeys(hosts) {
		first, _ := j.asks(hosts[host][0], host)
		for _, id := range hosts[host][1:] {
			own, _ := j.asks(id, host)
			_, served := asking(j.rows, host)
			apart := j.class(id) != j.class(hosts[host][0]) && strings.Contains(j.proxies(host), "\n")
			if served && !apart && !sameAnswers(first, own) && !j.found(id, "ingress-nginx/client-ca-conflict") && !j.found(hosts[host][0], "ingress-nginx/client-ca-conflict") {
				missing = append(missing, fmt.Sprintf("%s and %s ask clients of %q for different things, and client-ca-conflict finds nothing", hosts[host][0], id, host))
			}
		}
	}
	return missing
}

func written(r *effective.Row) string { return effectivetest.Text([]effective.Row{*r}) }

// remark is what a row says of a field, and the rules of which one must say it too; none where it is no defect.
type remark struct {
	because *regexp.Regexp
	rules   []string
	// elsewhere are rules that may say it of another Ingress of the host: what that one does not get, this one does not either.
	elsewhere []string
}

// remarked is a reason, as a pattern for all of it, with the ids of rules.
func remarked(because string, rules ...string) remark {
	return remark{because: regexp.MustCompile("^(?:" + because + ")$"), rules: rules}
}

func nginxRemarkTable() []remark {
	of := func(because string, rules ...string) remark {
		for i := range rules {
			if !strings.Contains(rules[i], "/") {
				rules[i] = nginx + "/" + rules[i]
			}
		}
		return remarked(because, rules...)
	}
	unless := func(m remark, rules ...string) remark {
		m.elsewhere = of("", rules...).rules
		return m
	}
	return []remark{
		of("ingress-nginx takes it for on", "verify-client-unknown-value", "client-options-without-ca"),
		of("ingress-nginx makes 1 of it", "verify-depth-invalid"),
		of("OpenSSL's number wraps around", "verify-depth-invalid"),
		of("nginx refuses a number below 0", "verify-depth-invalid"),
		of("ingress-nginx refuses the value", "annotation-value-refused"),
		of("its risk is above annotations-risk-level, .*", "annotation-too-risky"),
		of("Secret .* does not exist.*|Secret .* is not in this tree.*", "server-certificate-missing", "client-ca-missing", "upstream-ca-missing"),
		of("Secret .* has no key pair", "server-certificate-without-key-pair"),
		of("Secrets of other namespaces are refused", "secret-of-other-namespace"),
		of("it is not the namespace and the name of a Secret|no Secret can have that name", "references/malformed", "secret-of-other-namespace"),
		of("the ca.crt of Secret .* cannot be read", "client-ca-without-certificate", "upstream-ca-without-certificate", "ca-bundle-malformed"),
		of("the ca.crl of Secret .* cannot be read", "crl-malformed"),
		of("Secret .* has neither a ca.crt nor a key pair", "client-ca-without-certificate", "upstream-ca-without-certificate"),
		of("its tls.(key|crt) .*", "ca-beside-broken-key-pair", "client-ca-without-certificate", "upstream-ca-without-certificate",
			"server-certificate-without-key-pair", "certificates/key-mismatch", "certificates/leaf-not-first"),
		of("Secret .* has no ca.crt, so that nothing is asked", "client-ca-without-certificate", "clients-not-verified"),
		of("Secret .* has no ca.crt, so that nothing is verified", "upstream-ca-without-certificate"),
		unless(of("without auth-tls-secret it does nothing", "client-options-without-ca", "client-ca-blank"),
			"client-ca-without-certificate", "client-ca-never-applied"),
		unless(of("without proxy-ssl-secret it does nothing", "upstream-options-without-ca", "upstream-settings-leak"),
			"upstream-ca-missing", "upstream-ca-without-certificate", "secret-of-other-namespace", "references/malformed"),
		of("ingress-nginx takes it for HTTP", "backend-protocol-invalid"),
		of("ingress-nginx takes it for off", "upstream-not-verified", "upstream-options-without-ca", "upstream-tls-not-used"),
		of("passthrough leads to the Service of the path /, and no Ingress has it", "passthrough-ineffective"),
		of("no entry names the host, and no certificate is for it", "tls-host-uncovered", "default-certificate-pinned",
			"server-certificate-missing", "server-certificate-without-key-pair", "certificates/key-mismatch", "passthrough-ineffective"),
		of("it names nothing", "upstream-name-missing", "upstream-settings-leak"),
		of("nginx cannot load the ca.crt of .*", "ca-bundle-malformed"),
		of("the certificate of .* is not for .*", "certificates/san-mismatch", "tls-host-uncovered"),

		// How it is meant to be. That gRPC is not verified is said where somebody wants it to be, by upstream-tls-not-used.
		of("of gRPC nothing is verified, .*"),
		of("it names the host, and no Secret"),
		of("only whose subject matches .* is let in"),
		of("in plain nobody has a subject"),
		of("a part of the requests goes to .*"),
		// What a rule says only where clients are asked for certificates: plain-http-open, whose claim is above.
		of("no Ingress of .* has a spec.tls, and only then ssl-redirect does something"),
		of("ssl-redirect does nothing for hosts without a certificate of their own"),
		of("who sends X-Forwarded-Proto: https is not redirected"),
		// Not about TLS.
		of("no path of the host is /, and no default backend"),
		of("the location .* is there twice"),
		of("ingress-nginx crashes at a canary's rule without http"),
		of("it is compared, and not asked for: proxy-ssl-server-name is not on"),
		of("nobody is asked, so that nobody has a subject", "client-ca-without-certificate"),
	}
}

// nginxRemarks are the values for which a row gives a reason that is a defect, and no rule does in any of the objects.
func nginxRemarks(j *judged) (missing []string) {
	table := nginxRemarkTable()
	for i := range j.rows {
		r := &j.rows[i]
		if r.Controller != nginx {
			continue
		}
		for _, aspect := range effective.Aspects() {
			var rules, elsewhere, why []string
			for _, s := range r.Value(aspect).By {
				if s.Because == "" || nginxMeant(j, s) {
					continue
				}
				because := strings.TrimSuffix(s.Because, ", so that the whole host is denied")
				k := slices.IndexFunc(table, func(m remark) bool { return m.because.MatchString(because) })
				if k < 0 {
					missing = append(missing, fmt.Sprintf("nobody knows what rule is about %q", because))
					continue
				}
				rules = append(rules, table[k].rules...)
				elsewhere = append(elsewhere, table[k].elsewhere...)
				why = append(why, s.Object.String()+" ("+because+")")
			}
			if len(rules) > 0 && !j.foundAny(r.Value(aspect).By, rules) && !j.foundAt(r.Host, elsewhere) {
				missing = append(missing, fmt.Sprintf("%s of %s:%d%s rests on %s; no rule of %v says so", aspect, r.Host, r.Port, r.Path, why, rules))
			}
		}
	}
	slices.Sort(missing)
	return slices.Compact(missing)
}

func (j *judged) foundAny(sources []effective.Source, rules []string) bool {
	return slices.ContainsFunc(sources, func(s effective.Source) bool { return j.found(s.Object, rules...) })
}

// foundAt reports whether a rule finds something in an Ingress that has a rule for a host.
func (j *judged) foundAt(host string, rules []string) bool {
	return len(rules) > 0 && slices.ContainsFunc(j.tree.Of("Ingress.networking.k8s.io"), func(o *effective.Object) bool {
		list, _ := o.Field("spec", "rules")
		entries, _ := list.([]any)
		return j.found(o.ID, rules...) && slices.ContainsFunc(entries, func(entry any) bool {
			fields, _ := entry.(map[string]any)
			name, _ := fields["host"].(string)
			return name == host
		})
	})
}

// nginxMeant: the reason that a source gives is no defect of this object.
func nginxMeant(j *judged, s effective.Source) bool {
	list := j.tree.Of(s.Object.GroupKind())
	at := slices.IndexFunc(list, func(o *effective.Object) bool { return o.ID == s.Object })
	if at < 0 {
		return true // a ConfigMap of the controller's, which no rule judges
	}
	o := list[at]
	switch {
	case strings.HasPrefix(s.Because, "its risk is above annotations-risk-level"):
		// The releases before 1.12 allowed all of them: a rule wants to see the level, where rows take the default of today.
		return o.Setting(nginx, "annotations-risk-level").By == nil
	case s.Because == "no entry names the host, and no certificate is for it":
		// Who names no Secret at all asks for the default certificate.
		return len(o.References("server-certificate")) == 0
	default:
		return false
	}
}

// nginxRefused: the controller takes nothing of the object, so that what else is wrong with it is not in force.
func nginxRefused(j *judged, f *rule.Finding) bool {
	return j.found(f.Object, nginx+"/annotation-value-refused", nginx+"/annotation-too-risky")
}

func (j *judged) class(id kube.ID) string {
	for _, o := range j.tree.Of(id.GroupKind()) {
		if o.ID == id {
			return o.Class()
		}
	}
	return ""
}

// proxies are the installations that serve a host, a line each.
func (j *judged) proxies(host string) string {
	names := map[string]bool{}
	for i := range j.rows {
		if r := &j.rows[i]; r.Controller == nginx && r.Host == host {
			names[r.Proxy] = true
		}
	}
	return strings.Join(kube.SortedKeys(names), "\n")
}
