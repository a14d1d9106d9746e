package cron

import "testing"

func TestATimeOfDayIsASchedule(t *testing.T) {
	for text, want := range map[string]string{
		"06:00": "0 6 * * *", "mon-fri 06:30": "30 6 * * mon-fri", " sat,sun  23:59 ": "59 23 * * sat,sun", "1-5 00:00": "0 0 * * 1-5",
	} {
		if got, err := Daily(text); got != want || err != nil {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "6", "24:00", "06:60", "mon-fri", "someday 06:00", "mon fri 06:00", "@daily 06:00", "* * 06:00", "~ 06:00", "1/2 06:00"} {
		if got, err := Daily(text); err == nil {
			t.Errorf("%q is accepted as %q", text, got)
		}
	}
}
