package audit

import (
	"container/heap"
	"time"
)

// clock holds the objects whose verdicts time alone will change, the next one first.
type clock []*object

// set says when an object's verdict turns; zero: never.
func (c *clock) set(o *object, turns time.Time) {
	o.turns = turns
	switch {
	case turns.IsZero() && o.place > 0:
		heap.Remove((*byTurn)(c), o.place-1)
	case turns.IsZero():
	case o.place > 0:
		heap.Fix((*byTurn)(c), o.place-1)
	default:
		heap.Push((*byTurn)(c), o)
	}
}

// turned takes out the next object whose moment has come; nil if there is none.
func (c *clock) turned(now time.Time) *object {
	if len(*c) == 0 || (*c)[0].turns.After(now) {
		return nil
	}
	o, _ := heap.Pop((*byTurn)(c)).(*object)
	return o
}

// byTurn implements heap.Interface.
type byTurn clock

func (b byTurn) Len() int           { return len(b) }
func (b byTurn) Less(i, j int) bool { return b[i].turns.Before(b[j].turns) }

func (b byTurn) Swap(i, j int) {
	b[i], b[j] = b[j], b[i]
	b[i].place, b[j].place = i+1, j+1
}

func (b *byTurn) Push(x any) {
	o, _ := x.(*object)
	*b = append(*b, o)
	o.place = len(*b)
}

func (b *byTurn) Pop() any {
	last := len(*b) - 1
	o := (*b)[last]
	(*b)[last] = nil
	*b = (*b)[:last]
	o.place = 0
	return o
}
