package engine

import (
	"errors"
	"fmt"
	"time"
)

// Overran remembers which rulebooks came to no verdict within their deadline, so that they are not waited for in each round of one
// verdict: another rulebook's denial would come too late. For one goroutine; the zero value is ready to use.
type Overran struct {
	books map[*book]error
	// old is of the object that an update replaces: a rule that does not end for the one may well for the other.
	old *Overran
}

// overrunError is the end of an evaluation that took too long.
type overrunError struct{ deadline time.Duration }

func (e overrunError) Error() string { return fmt.Sprintf("no verdict within %s", e.deadline) }

// by is what became of a rulebook before; nil if it had its verdict, or was not asked.
func (o *Overran) by(b *book) error {
	if o == nil {
		return nil
	}
	return o.books[b]
}

func (o *Overran) note(b *book, err error) {
	if _, overrun := errors.AsType[overrunError](err); o == nil || !overrun {
		return
	}
	if o.books == nil {
		o.books = map[*book]error{}
	}
	o.books[b] = err
}

func (o *Overran) ofOld() *Overran {
	if o == nil {
		return nil
	}
	if o.old == nil {
		o.old = &Overran{}
	}
	return o.old
}
