package lint

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/manifest"
	"github.com/tlsward/tlsward/rule"
)

// ignoreWord begins a comment that suppresses findings. Files that do not hold it have no such comments, and nothing looks
// for them there.
const ignoreWord = "tlsward:ignore"

// ignoreComment is one of them. A comment of a template is found in each of its renderings, and counts for none.
type ignoreComment struct {
	manifest.Comment
	rule.Ignore
	// met are those of its rules that found something where it stands.
	met map[string]bool
}

// ignoreAnnotation is the annotation of one object as its text has it: in how many overlays it may be.
type ignoreAnnotation struct {
	about    *document
	entries  []rule.Ignore
	met      map[string]bool
	reviewed bool
}

// suppressions are the comments and annotations of a run.
type suppressions struct {
	result *Result
	o      Options
	// files holds the comments of files, rendered those of what templates made.
	files    map[string][]*ignoreComment
	rendered map[*document][]*ignoreComment
	// annotations by where they stand.
	annotations map[kube.Position]*ignoreAnnotation
}

func newSuppressions(r *Result, o Options) *suppressions {
	return &suppressions{
		result: r, o: o,
		files: map[string][]*ignoreComment{}, rendered: map[*document][]*ignoreComment{}, annotations: map[kube.Position]*ignoreAnnotation{},
	}
}

// readIgnores lists the comments of a text that suppress something.
func readIgnores(documents []manifest.Document) (list []*ignoreComment) {
	for _, c := range manifest.Comments(documents, ignoreWord) {
		text := strings.TrimPrefix(strings.TrimLeft(c.Text, " \t"), ignoreWord)
		if text != "" && text[0] != ' ' && text[0] != '\t' {
			continue // another word
		}
		// Comments for other programs may follow.
		text, _, _ = strings.Cut(text, " # ")
		list = append(list, &ignoreComment{Comment: c, Ignore: rule.ParseIgnore(text), met: map[string]bool{}})
	}
	return list
}

// inFile are the comments of a file.
func (s *suppressions) inFile(name string) []*ignoreComment {
	f := s.result.files[name]
	if f == nil || f.ignores == "" {
		return nil
	}
	list, read := s.files[name]
	if !read {
		// Objects of kinds that nobody judges were not decoded, and may hold what only looks like a comment.
		list = readIgnores(manifest.ReadText(name, f.ignores, manifest.Options{}))
		s.files[name] = list
	}
	return list
}

// comments are those about a finding, which stands in a document.
func (s *suppressions) comments(f rule.Finding, in *document) (about []*ignoreComment) {
	list, line := []*ignoreComment(nil), f.At.Line
	if in.made != nil && in.made.template != "" {
		read := false
		if list, read = s.rendered[in]; !read {
			if strings.Contains(in.Text(), ignoreWord) {
				list = readIgnores([]manifest.Document{in.Document})
			}
			s.rendered[in] = list
		}
		line = in.Document.Locate(f.Path).Line
	} else {
		list = s.inFile(f.At.File)
	}
	for _, c := range list {
		if c.Covers(line) && c.Names(f.Rule) {
			about = append(about, c)
		}
	}
	return about
}

// apply suppresses a finding if a comment asks for it.
func (s *suppressions) apply(f *rule.Finding, in *document) {
	for _, c := range s.comments(*f, in) {
		c.met[f.Rule] = true
		if f.Suppression != nil {
			continue
		}
		void := c.Void(s.o.Now)
		if void == "" && f.Mandatory {
			void = "the config has this rule not suppressible"
		}
		if void != "" {
			f.Unheeded = fmt.Sprintf("the comment %s does not count: %s", c.place(in), void)
			continue
		}
		f.Suppression = &rule.Suppression{Kind: rule.ByComment, Reason: c.Reason, Until: c.Until}
		f.Unheeded = ""
	}
}

// place says where a comment stands, in a clause.
func (c *ignoreComment) place(in *document) string {
	if in.made != nil && in.made.template != "" {
		return fmt.Sprintf("in line %d of what the template renders to", c.At.Line)
	}
	return fmt.Sprintf("in line %d", c.At.Line)
}

// note remembers the annotation of a document, reviewed with these findings or not at all.
func (s *suppressions) note(d *document, decision *rule.Decision) {
	entries := rule.Annotated(d.Object.Fields)
	if entries == nil {
		return
	}
	at := d.Locate(ignorePath)
	a := s.annotations[at]
	if a == nil {
		a = &ignoreAnnotation{about: d, entries: entries, met: map[string]bool{}}
		s.annotations[at] = a
	}
	if decision == nil {
		return
	}
	a.reviewed = true
	for _, list := range [][]rule.Finding{decision.Findings, decision.Suppressed} {
		for _, f := range list {
			a.met[f.Rule] = true
		}
	}
}

var ignorePath = kube.Path{"metadata", "annotations", rule.IgnoreAnnotation}

// remarks are what is wrong with the comments and annotations, in order.
func (s *suppressions) remarks() (list []remark) {
	known := sync.OnceValue(func() map[string]rule.Definition {
		known := map[string]rule.Definition{}
		for _, d := range s.o.Reviewer.Rules() {
			known[d.ID] = d
		}
		return known
	})
	for _, name := range kube.SortedKeys(s.result.files) {
		comments := s.inFile(name)
		if len(comments) == 0 {
			continue
		}
		f := s.result.files[name]
		for _, c := range comments {
			about, judged := f.judgedAt(c)
			if !judged {
				continue
			}
			const what = "this comment"
			list = append(list, s.judge(c.Ignore, known(), c.met, remark{about: about, at: c.At}, what)...)
		}
	}
	positions := make([]kube.Position, 0, len(s.annotations))
	for at := range s.annotations {
		positions = append(positions, at)
	}
	slices.SortFunc(positions, kube.Position.Compare)
	for _, at := range positions {
		a := s.annotations[at]
		where := remark{about: a.about.Object, path: ignorePath, at: at}
		switch {
		case !a.reviewed:
			where.kind, where.message = facts.SuppressionUnused, "this annotation suppresses nothing: no rule judges objects of kind "+a.about.Object.ID.Kind
			list = append(list, where)
		case !s.o.Reviewer.Settings().AnnotationExemptions:
			where.kind, where.message = facts.SuppressionNotAllowed, "this annotation suppresses nothing, because the config does not set annotationExemptions"
			list = append(list, where)
		default:
			for i, entry := range a.entries {
				what := "this annotation"
				if len(a.entries) > 1 {
					what = fmt.Sprintf("entry %d of this annotation", i+1)
				}
				list = append(list, s.judge(entry, known(), a.met, where, what)...)
			}
		}
	}
	return list
}

// judge says what is wrong with one comment, or one entry of an annotation.
func (s *suppressions) judge(i rule.Ignore, known map[string]rule.Definition, met map[string]bool, where remark, what string) (list []remark) {
	add := func(kind, message string) {
		where.kind, where.message = kind, what+" "+message
		list = append(list, where)
	}
	if i.Defect != "" {
		add(facts.SuppressionInvalid, "cannot be understood, and suppresses nothing: "+i.Defect)
		return list
	}
	var unused []string
	for _, id := range i.Rules {
		d, exists := known[id]
		if !exists {
			message := "names " + id + ", and there is no such rule"
			if near := s.o.Reviewer.Suggest(id); near != "" {
				message += "; did you mean " + near + "?"
			}
			add(facts.SuppressionInvalid, message)
			continue
		}
		settings := s.o.Reviewer.Settings()
		atLint := len(d.Doors) == 0 || slices.Contains(d.Doors, rule.DoorLint)
		// What a rule would find that was not asked, nobody knows.
		if !met[id] && settings.Selects(id) && !settings.Off(d) && atLint {
			unused = append(unused, id)
		}
	}
	switch {
	case i.Reason == "":
		add(facts.SuppressionReasonMissing, "gives no reason, and suppresses nothing")
	case i.Expired(s.o.Now):
		add(facts.SuppressionExpired, "ended with "+i.Until.UTC().Format("2006-01-02")+", and suppresses nothing any more")
	case len(unused) > 0:
		message := "suppresses no finding of " + strings.Join(unused, ", ")
		if where.path != nil && slices.ContainsFunc(unused, func(id string) bool { return known[id].BlamesTarget }) {
			message += ": what others refer to is judged with them, and their annotation counts"
		}
		add(facts.SuppressionUnused, message)
	}
	return list
}

// judgedAt returns the object that a comment stands in, and whether it was judged: of what was not, nobody knows what a
// comment is good for. A template may render to something else with other values.
func (f *file) judgedAt(c *ignoreComment) (about kube.Object, judged bool) {
	if f.err != nil || f.template {
		return about, false
	}
	line := max(c.From, c.At.Line)
	for _, d := range f.documents {
		if d.Index != c.Index {
			continue
		}
		if d.Status != manifest.Object && !f.taken {
			return about, false
		}
		if d.Status == manifest.Object && (about.ID.Kind == "" || d.Line <= line) {
			about = d.Object
		}
	}
	return about, true
}
