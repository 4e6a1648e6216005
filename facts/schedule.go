package facts

import (
	"errors"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
)

// schedule describes when an object does what it does again and again: nil if no provider says where that stands, or if
// something else fills it in later.
func (g *gathering) schedule() map[string]any {
	for _, kind := range g.kinds {
		if kind.Schedule == nil || !kind.About(g.Object) {
			continue
		}
		if doc := scheduleDocument(kind.Schedule, g.Object); doc != nil {
			return doc
		}
	}
	return nil
}

func scheduleDocument(s *provider.Schedule, obj kube.Object) (doc map[string]any) {
	s.Path.Each(obj.Fields, func(at kube.Path, value any) {
		written, ok := value.(string)
		if !ok || doc != nil || unfilled(written) {
			return
		}
		doc = map[string]any{"path": pathDocument(at), "text": written}
		parsed, err := readSchedule(written)
		if err != nil {
			doc["defect"] = err.Error()
			return
		}
		doc["never"] = true
		if shortest, longest, ok := intervals(parsed); ok {
			doc["never"], doc["shortest"], doc["longest"] = false, int64(shortest/time.Second), int64(longest/time.Second)
		}
	})
	return doc
}

// readSchedule reads cron's notation as the API server does of a CronJob (pkg/apis/batch/validation).
func readSchedule(text string) (parsed cron.Schedule, err error) {
	if strings.Contains(text, "TZ") {
		return nil, errors.New("a time zone belongs into timeZone")
	}
	defer func() {
		if p := recover(); p != nil {
			// The parser indexes what it has split without a look at its length, in some cases.
			parsed, err = nil, errors.New("cannot be read")
		}
	}()
	return cron.ParseStandard(text)
}

// years is how far intervals looks: in 28 years every date meets every day of the week.
const years = 28

// intervals returns the shortest and the longest time between two runs, by a clock without summer time. It reports false
// where there are no two.
func intervals(s cron.Schedule) (shortest, longest time.Duration, ok bool) {
	if delay, every := s.(cron.ConstantDelaySchedule); every {
		return delay.Delay, delay.Delay, true
	}
	spec, _ := s.(*cron.SpecSchedule)
	if spec == nil {
		return 0, 0, false
	}
	times := timesOfDay(spec)
	if len(times) == 0 {
		return 0, 0, false
	}
	const day = 24 * time.Hour
	note := func(interval time.Duration) {
		if !ok {
			shortest, longest, ok = interval, interval, true
		}
		shortest, longest = min(shortest, interval), max(longest, interval)
	}
	// What is next to each other within a day is so on every day that has a run.
	first, last := times[0], times[len(times)-1]
	start := time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)
	before, runs := -1, false
	for n := range int(start.AddDate(years, 0, 0).Sub(start) / day) {
		if !runsOn(spec, start.AddDate(0, 0, n)) {
			continue
		}
		if before >= 0 {
			note(time.Duration(n-before)*day - last + first)
		}
		before, runs = n, true
	}
	if !runs {
		return 0, 0, false
	}
	for i := 1; i < len(times); i++ {
		note(times[i] - times[i-1])
	}
	return shortest, longest, ok
}

// timesOfDay lists, in order, when it runs on a day on which it does.
func timesOfDay(s *cron.SpecSchedule) (times []time.Duration) {
	for hour := range 24 {
		for minute := range 60 {
			if s.Hour&(1<<hour) != 0 && s.Minute&(1<<minute) != 0 {
				times = append(times, time.Duration(hour)*time.Hour+time.Duration(minute)*time.Minute)
			}
		}
	}
	return times
}

// anyValue is what the parser sets for * beside the values themselves.
const anyValue = 1 << 63

// runsOn reports whether it runs on a day: of a day of the month and one of the week, one is enough if neither is *.
func runsOn(s *cron.SpecSchedule, day time.Time) bool {
	if s.Month&(1<<uint(day.Month())) == 0 {
		return false
	}
	ofMonth, ofWeek := s.Dom&(1<<uint(day.Day())) != 0, s.Dow&(1<<uint(day.Weekday())) != 0
	if s.Dom&anyValue != 0 || s.Dow&anyValue != 0 {
		return ofMonth && ofWeek
	}
	return ofMonth || ofWeek
}
