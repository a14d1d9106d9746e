package contract

import (
	"net/url"
	"strings"
	"testing"
)

// listed stores the jobs that the tests of lists look at: a succeeded, b failed, c and d never ran, d is disabled.
func listed(s *site) {
	s.t.Helper()
	s.create("a", shell("true").with(job{"displayname": "Zebra", "metadata": job{"team": "red", "k": "1", "test": s.prefix}}))
	s.create("b", shell("false").with(job{"displayname": "apple", "metadata": job{"team": "red", "k": "2", "test": s.prefix}, "schedule": "@at 2039-01-01T00:00:00Z"}))
	s.create("c", job{"displayname": "Mango", "metadata": job{"team": "blue", "test": s.prefix}, "schedule": "@at 2038-01-01T00:00:00Z"})
	s.create("d", job{"displayname": "mango", "disabled": true, "metadata": job{"test": s.prefix}, "schedule": "@at 2037-01-01T00:00:00Z"})
	s.run("a")
	s.run("b")
	s.finished("a", 1)
	s.finished("b", 1)
	s.run("a")
	s.finished("a", 2)
}

func TestListsAreFiltered(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		listed(s)
		mine := "q=" + s.prefix
		for _, c := range []struct {
			query, want string
			total       int
		}{
			{mine, "a b c d", 4},
			{"q=" + s.name("b"), "b", 1},
			{"q=" + strings.ToUpper(s.prefix), "", 0},
			{mine + "&metadata[team]=red", "a b", 2},
			{mine + "&metadata%5Bteam%5D=red&metadata%5Bk%5D=2", "b", 1},
			{mine + "&metadata[team]=red&metadata[team]=blue", "", 0},
			{mine + "&metadata[team]=re", "", 0},
			{mine + "&metadata[none]=", "", 0},
			{mine + "&metadata=red", "a b c d", 4},
			{mine + "&status=success", "a", 1},
			{mine + "&status=failed", "b", 1},
			{mine + "&status=untriggered", "c d", 2},
			{mine + "&status=nonsense", "", 0},
			{mine + "&disabled=true", "d", 1},
			{mine + "&disabled=false", "a b c", 3},
			{mine + "&disabled=yes", "", 0},
			{mine + "&disabled=", "a b c d", 4},
			{mine + "&status=untriggered&disabled=true&metadata[test]=" + s.prefix, "d", 1},
			{mine + "&tags=x&owner=x&name=x&id=x&_page=2&_perPage=1", "a b c d", 4},
		} {
			a := s.get("/v1/jobs?" + c.query)
			if got := a.names(c.total); got != c.want {
				a.fail("got %q, want %q", got, c.want)
			}
		}
		// The text may be in the displayname, and there its case counts too.
		for q, want := range map[string]string{"Mang": "c", "mang": "d", "ebr": "a"} {
			a := s.get("/v1/jobs?q=" + q + "&metadata[test]=" + s.prefix)
			if got := a.names(1); got != want {
				a.fail("got %q, want %q", got, want)
			}
		}
	})
}

func TestListsAreSorted(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		listed(s)
		for _, c := range []struct{ query, want string }{
			{"", "a b c d"},
			{"_sort=id", "a b c d"},
			{"_sort=name&_order=DESC", "d c b a"},
			{"_sort=name&_order=desc", "a b c d"},
			{"_order=DESC", "d c b a"},
			{"_sort=displayname", "b c d a"},
			{"_sort=displayname&_order=ASC", "b c d a"},
			{"_sort=schedule", "d c b a"},
			{"_sort=success_count&_order=DESC&_end=1", "a"},
			{"_sort=error_count&_order=DESC&_end=1", "b"},
			{"_sort=success_count", "b c d a"},
			{"_sort=last_success", "a b c d"},
			{"_sort=last_error", "b a c d"},
			{"_sort=next", "a d c b"},
			{"_sort=next&_nulls=last", "d c b a"}, // a has none
		} {
			a := s.get("/v1/jobs?metadata[test]=" + s.prefix + "&" + c.query)
			if got := a.names(4); got != c.want {
				a.fail("got %q, want %q", got, c.want)
			}
		}
	})
}

func TestListsAreSliced(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		listed(s)
		for _, c := range []struct{ query, want string }{
			{"_start=1&_end=3", "b c"},
			{"_start=1", "b c d"},
			{"_end=2", "a b"},
			{"_start=3&_end=100", "d"},
			{"_start=x&_end=1", "a"},
			{"_end=x", ""},
			{"_start=4&_end=4", ""},
			{"_start=2&_end=4&_sort=name&_order=DESC", "b a"},
			{"_start=100&_end=200", ""}, // Q11
		} {
			a := s.get("/v1/jobs?q=" + s.prefix + "&" + c.query)
			if got := a.names(4); got != c.want {
				a.fail("got %q, want %q", got, c.want)
			}
		}
	})
}

// Q10, Q11
func TestListsThatCannotBeAreRefused(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("a", job{})
		for _, path := range []string{"/v1/jobs", s.path("a", "/executions")} {
			s.get(path+"?_sort=nonsense").wantText(400, "_sort ")
			s.get(path+"?_start=-1").wantText(400, "_start ")
			s.get(path+"?_end=-1").wantText(400, "_end ")
			s.get(path+"?_start=3&_end=2").wantText(400, "_start ")
		}
		s.get("/v1/jobs?_sort=started_at").wantText(400, "_sort ")
		s.get(s.path("a", "/executions?_sort=displayname")).wantText(400, "_sort ")
	})
}

func TestTheListAndItsTotalAreThereWithoutAnyJob(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		s.get("/v1/jobs?q="+url.QueryEscape(s.name("none"))).want(200).wantJSON().wantBody("[]").wantHeader("X-Total-Count", "0")
	})
}

func TestTheListCarriesTheWholeCollectionsOfAUserInterface(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		listed(s)
		a := s.get("/v1/jobs?_sort=displayname&_order=DESC&_start=0&_end=2&q=" + s.prefix + "&status=untriggered&disabled=false")
		if got := a.names(1); got != "c" {
			a.fail("got %q", got)
		}
	})
}
