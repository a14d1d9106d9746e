package cron_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"dkron/cron"
)

func TestOrdinarySchedulesGiveNoRemarks(t *testing.T) {
	for _, text := range []string{
		"* * * * * *", "*/5 * * * * *", "* * * * *", "*/15 * * * *", "*/10 * * * *", "5/15 * * * *", "0 */6 * * *", "30 3 * * *", "0 30 3 * * *",
		"0 9-17 * * MON-FRI", "* 9-17 * * *", "*/5 3 * * *", "0 0 1 * *", "0 0 1,15 * *", "0 0 L * *", "0 0 28 * *", "0 0 29 2 *", "0 0 31 1,3,5 *",
		"0 0 28-31 * *", "0 0 31,L * *", "0 0 31 * MON", "0 0 1 */3 *", "0 0 1 1,7 *", "0 0 * * 1#2", "~ ~ * * *", "0 ~/15 * * * *", "*/1 * * * *",
		"*/60 * * * *", "*/60 * * * * *", "0 */24 * * *", "0 0 1 */12 *", "10/60 * * * *", "1-59/2 * * * *", "0-30/7 * * * *", "*/7,58 * * * *", "30/7 * * * *",
		"@daily", "@hourly", "@weekly", "@monthly", "@yearly", "@minutely", "@manually", "@every 1m", "@every 1h30m", "@every 90s",
		"@at 2020-01-31T12:00:00Z", "@after 2020-01-31T12:00:00Z <PT2H", "TZ=Asia/Tokyo 0 30 3 * * *", "", "x", "0 0 24 * * *",
	} {
		if got := cron.Remarks(text, cron.Options{Name: "job"}); got != nil {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func TestRemarksSayWhatHappensAndWhatWouldBeRight(t *testing.T) {
	for _, test := range [][2]string{
		{"0 0 0 31 2 *", "never fires: no year has such a day"},
		{"0 0 30 2 ?", "never fires: no year has such a day"},
		{"0 0 31 2,4,6 *", "never fires: no year has such a day"},
		{"*/90 * * * *", "has a step longer than its field: */90 is only minute 0, so it does not fire every 90 minutes; write @every 90m for that"},
		{"*/120 * * * * *", "has a step longer than its field: */120 is only second 0, so it does not fire every 120 seconds; write @every 120s for that"},
		{"0 */48 * * *", "has a step longer than its field: */48 is only hour 0, so it does not fire every 48 hours; write @every 48h for that"},
		{"10/55 * * * *", "has a step longer than its field: 10/55 is only minute 10, so it does not fire every 55 minutes; write @every 55m for that"},
		{"10-15/20 * * * *", "has a step longer than its field: 10-15/20 is only minute 10"},
		{"0 0 1 */18 *", "has a step longer than its field: */18 is only month 1"},
		{"0 0 */31 * *", "has a step longer than its field: */31 is only day 1"},
		{"0 ~/90 * * * *", "has a step longer than its field: ~/90 is only minute 15, so it does not fire every 90 minutes; write @every 90m for that"},
		{"*/7 * * * *", "does not fire every 7 minutes: */7 starts again every hour, so minute 56 is followed by minute 0; write @every 7m for equal intervals"},
		{"*/45 * * * *", "does not fire every 45 minutes: */45 starts again every hour, so minute 45 is followed by minute 0; write @every 45m for equal intervals"},
		{"3/7 * * * *", "does not fire every 7 minutes: 3/7 starts again every hour, so minute 59 is followed by minute 3; write @every 7m for equal intervals"},
		{"0 */5 * * *", "does not fire every 5 hours: */5 starts again every day, so hour 20 is followed by hour 0; write @every 5h for equal intervals"},
		{"0 0 */2 * *", "does not fire every 2 days: */2 starts again every month, so day 31 is followed by day 1; write @every 48h for equal intervals"},
		{"0 0 1 */5 *", "does not fire every 5 months: */5 starts again every year, so month 11 is followed by month 1"},
		{"0 0 * * */2", "does not fire every 2 weekdays: */2 starts again every week, so weekday 6 is followed by weekday 0"},
		{"* 3 * * *", "fires at every minute of hour 3; write 0 as the minute if it is to fire once"},
		{"* 30 3 * * *", "fires at every second of minute 30; write 0 as the second if it is to fire once"},
		{"0 0 31 * *", "does not fire on day 31 in February, April, June, September and November; write L for the last day of each month"},
		{"0 0 15,30 * *", "does not fire on day 30 in February; write L for the last day of each month"},
		{"0 0 29 * *", "does not fire on day 29 in February except in leap years; write L for the last day of each month"},
		{"@every -5m", "fires every second, since -5m is less than that; did you mean @every 5m?"},
		{"@every 0s", "fires every second, since 0s is less than that; write an interval such as @every 5m"},
		{"@every 100ms", "fires every 1s, not every 100ms: intervals are at least a second, in whole seconds"},
		{"TZ=UTC @every 2.5s", "fires every 2s, not every 2.5s: intervals are at least a second, in whole seconds"},
	} {
		got := cron.Remarks(test[0], cron.Options{Name: "job"})
		if len(got) != 1 || got[0].Text != test[1] {
			t.Errorf("%q\n got %+v\nwant %q", test[0], got, test[1])
		}
	}
}

// A schedule is said never to fire if, and only if, it never does.
func TestNeverIsNeverWrong(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	never := 0
	for i := range 20_000 {
		text := anyFields(r)
		if i%2 == 0 { // dates that hardly any month has
			fields := strings.Fields(text)
			fields[3], fields[4], fields[5] = []string{"30", "31", "30,31", "L-29", "L-30"}[r.IntN(5)], []string{"2", "2,4", "4,6", "2-3"}[r.IntN(4)], "*"
			text = strings.Join(fields, " ")
		}
		s, err := cron.Parse(text, cron.Options{Zone: "UTC"})
		if err != nil {
			t.Fatal(err)
		}
		remarks := cron.Remarks(text, cron.Options{})
		said := len(remarks) > 0 && remarks[0].Never
		if silent := s.Next(time.Unix(0, 0)).IsZero(); said != silent {
			t.Errorf("%q: said to be never %t, is %t", text, said, silent)
		}
		if said {
			never++
		}
	}
	if never == 0 {
		t.Error("no schedule of the sample never fires")
	}
}
