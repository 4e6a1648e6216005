package publish

import "context"

// Look compares the reports with what they should be, as Run does from time to time.
func (p *Publisher) Look(ctx context.Context) {
	p.look(ctx, &writer{api: &apis[1]}, false)
	p.nudge()
}

// Kept is of how many namespaces something is kept.
func (p *Publisher) Kept() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.spaces)
}
