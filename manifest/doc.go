// Package manifest turns YAML and JSON text into Kubernetes objects and back: which documents a file holds, what the API
// server would read in each of them, where in the text a field stands, and how to change one field without touching any
// other byte. The doors that read files call it; it knows no rule, no schema and no cluster, and a document it cannot read
// is data with a status of its own, never an error that hides its neighbours.
package manifest

import (
	"fmt"

	"github.com/tlsward/tlsward/kube"
)

// Status says what a document turned out to be. Only Object is something to lint, and nothing else is folded into it.
type Status int

const (
	// Broken could not be read: Err says why. It is the zero value, so a document nobody judged is never taken for read.
	Broken Status = iota
	// Object is a Kubernetes object of a wanted kind, or one item of a list.
	Object
	// Irrelevant is an object of a kind that Options.Relevant does not want; it was recognised, not decoded.
	Irrelevant
	// Empty holds nothing but comments and white space, or is a list without items.
	Empty
	// Values is a Helm values file: no object, and named like one.
	Values
	// Foreign is YAML that is no Kubernetes object: Err says what it lacks.
	Foreign
	// Template is a Helm template nobody has rendered.
	Template
)

func (s Status) String() string {
	return [...]string{
		"broken", "object", "irrelevant kind", "empty", "values file", "not a Kubernetes object", "unrendered template",
	}[s]
}

// Options choose what Read decodes.
type Options struct {
	// Relevant says whether objects of a kind are wanted; nil wants all. Documents of other kinds cost a line scan.
	Relevant func(group, kind string) bool
}

// Document is one YAML document of a file, or one item of a list in it. It may be copied, and used by many goroutines.
type Document struct {
	File string
	// Index counts the documents of the file from 0; all items of one list share it.
	Index int
	// Item leads from the document to the list item this is, as in items[3]; nil for a document that is no list.
	Item kube.Path
	// Line is where the document, or the item, begins: its first line that is neither blank nor a comment.
	Line   int
	Status Status
	// Object holds the fields for Status Object; for Irrelevant only group, version and kind.
	Object kube.Object
	// Duplicates are keys written twice in one mapping. The API server keeps the last, and so does Object.
	Duplicates []Duplicate
	// Encrypted documents carry a sops block: their values are ciphertext.
	Encrypted bool
	// Err says what is wrong with a Broken document and what a Values, Foreign or Template document lacks; nil for others.
	Err *Error

	src *source
	at  span
}

// Duplicate is a key that its mapping already had. Path is relative to the object; At is the later key, which counts.
type Duplicate struct {
	Path      kube.Path
	At, First kube.Position
}

// Error is what is wrong with a document. At is its place in the file, not in the document; its line is 0 where the whole
// file is meant.
type Error struct {
	At      kube.Position
	Message string

	cause error
}

func (e *Error) Error() string {
	if e.At.Line == 0 {
		return fmt.Sprintf("%s: %s", e.At.File, e.Message)
	}
	return fmt.Sprintf("%s:%d: %s", e.At.File, e.At.Line, e.Message)
}

// Unwrap is what the system said of a file that could not be read; nil where nothing else did.
func (e *Error) Unwrap() error { return e.cause }

// fileError is an error about a whole file.
func fileError(name, format string, args ...any) *Error {
	return &Error{At: kube.Position{File: name}, Message: fmt.Sprintf(format, args...)}
}
