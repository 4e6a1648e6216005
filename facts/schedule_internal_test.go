package facts

import (
	"testing"
	"time"
)

func TestIntervals(t *testing.T) {
	const day = 24 * time.Hour
	tests := map[string]struct {
		shortest, longest time.Duration
		never             bool
	}{
		"* * * * *":      {time.Minute, time.Minute, false},
		"*/5 * * * *":    {5 * time.Minute, 5 * time.Minute, false},
		"*/7 * * * *":    {4 * time.Minute, 7 * time.Minute, false},
		"0,1 3 * * *":    {time.Minute, day - time.Minute, false},
		"0 3 * * *":      {day, day, false},
		"0 3 * * 1-5":    {day, 3 * day, false},
		"0 3 * * 1":      {7 * day, 7 * day, false},
		"0 3 1 * *":      {28 * day, 31 * day, false},
		"0 3 1 */2 *":    {59 * day, 62 * day, false},
		"0 3 1 1 *":      {365 * day, 366 * day, false},
		"0 3 29 2 *":     {4*365*day + day, 4*365*day + day, false},
		"0 3 30 2 *":     {never: true},
		"0 3 1 * 0":      {day, 7 * day, false},
		"* * * 1 *":      {time.Minute, 335*day + time.Minute, false},
		"@hourly":        {time.Hour, time.Hour, false},
		"@monthly":       {28 * day, 31 * day, false},
		"@every 90s":     {90 * time.Second, 90 * time.Second, false},
		"59 23 31 12 *":  {365 * day, 366 * day, false},
		"0 0,12 1 1,7 *": {12 * time.Hour, 184*day - 12*time.Hour, false},
	}
	for text, tt := range tests {
		t.Run(text, func(t *testing.T) {
			s, err := readSchedule(text)
			if err != nil {
				t.Fatal(err)
			}
			shortest, longest, ok := intervals(s)
			if shortest != tt.shortest || longest != tt.longest || ok == tt.never {
				t.Errorf("got %v, %v, %t", shortest, longest, ok)
			}
		})
	}
}

// What intervals says holds for the times that the library itself gives.
func TestIntervalsAgree(t *testing.T) {
	for _, text := range []string{"*/7 3,5 * * *", "0 3 1 * 0", "15 2 * * 1-5", "0 0 1,15 * *", "30 4 31 * *"} {
		s, err := readSchedule(text)
		if err != nil {
			t.Fatal(err)
		}
		shortest, longest, _ := intervals(s)
		var low, high time.Duration
		at := s.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC))
		for range 3000 {
			next := s.Next(at)
			if d := next.Sub(at); low == 0 || d < low {
				low = d
			}
			high = max(high, next.Sub(at))
			at = next
		}
		if low != shortest || high != longest {
			t.Errorf("%s: %v to %v, want %v to %v", text, shortest, longest, low, high)
		}
	}
}

func TestReadSchedule(t *testing.T) {
	for _, text := range []string{"", "* * * *", "* * * * * *", "61 * * * *", "CRON_TZ=UTC 0 3 * * *", "TZ=", "@often", "@every x", "every day"} {
		if s, err := readSchedule(text); err == nil {
			t.Errorf("%q: read as %v", text, s)
		}
	}
}

func FuzzSchedule(f *testing.F) {
	for _, text := range []string{"* * * * *", "@every 1s", "0 3 1 * 0", "*/0 * * * *"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := readSchedule(text)
		if err != nil {
			return
		}
		if shortest, longest, ok := intervals(s); ok && (shortest <= 0 || longest < shortest) {
			t.Errorf("%v to %v", shortest, longest)
		}
	})
}
