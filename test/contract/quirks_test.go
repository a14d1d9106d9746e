package contract

import (
	"fmt"
	"sort"
)

// quirks is every defect of the reference server named by the contract, with the test that asserts what a sensible
// server does instead. A name with a slash is a test of another package: the quirk is not visible over HTTP, or only
// during a failure.
var quirks = map[int]string{
	1:  "TestAPreflightIsAnswered", // and TestHeadAnswersLikeGet
	2:  "TestWithoutALeaderWritesAreRefusedWithATextAndReadsWork",
	3:  "TestPutTakesTheNameFromThePathAndRefusesAnother",
	4:  "TestHistoryOfUnknownAndNewJobs",
	5:  "TestLocationIsTheJobs",
	6:  "TestEveryWritableFieldReadsBack",
	7:  "TestNextIsOfTheScheduleThatFires", // and TestAJobFiresWhenNextSays, TestAToggledJobStopsAndStartsFiring
	8:  "TestAWriteCannotSetWhatIsReadOnly",
	9:  "TestValuesOfTheWrongTypeAreRefused",
	10: "TestListsThatCannotBeAreRefused",
	11: "TestListsThatCannotBeAreRefused", // and TestListsAreSliced, TestARestoreWithAFaultStoresNothingAndSaysWhy
	12: "TestAJobWithChildrenIsNotDeletedBeforeThem",
	13: "TestWithoutALeaderWritesAreRefusedWithATextAndReadsWork",
	14: "TestRunDoesNotWaitForTheEnd",
	15: "TestADisabledJobRunsByHandOrSaysWhyNot",
	16: "TestForbidDoesNotBindRunsByHand",
	17: "TestHistoryIsSortedNewestFirst",
	18: "TestClearingTheHistory",
	19: "TestAChildRunsAfterARetryThatSucceeds", // and TestAnEphemeralJobGoesAfterItsSuccess
	20: "TestNextOfAChildWithoutScheduleIsNoTime",
	21: "TestAtAndAfterFireOnce", // and TestStateOutlivesARestart
	22: "TestNextIsOfTheScheduleThatFires",
	23: "TestHashesSpreadByTheName",
	24: "TestTagValuesWithAColonAreTriedAsTheyAreFirst",
	25: "TestCirclesAreRefused",
	26: "TestAFailedAttemptIsRepeated",
	27: "test/cluster", // servers that run jobs are killed
	28: "TestAMemoryLimitKillsAndFailsTheRun",
	29: "TestWhatTheHTTPExecutorDoes",
	30: "TestAMembersIDIsTheSameEverywhere",
	31: "TestBusyTellsWhatRunsAnywhere",
	32: "TestBusyAnswersThoughAServerHangs",
	33: "TestPauseRefusesWritesOfJobsAndNothingElse", // and TestStateOutlivesARestart
	34: "TestRestoreTakesAChildOfAJobThatIsThere",
	35: "TestRestoreBringsBackWhatAListingHas",
	36: "TestANodeThatIsAskedToLeaveLeavesAndExits",
	37: "TestWithoutALeaderWritesAreRefusedWithATextAndReadsWork",
	38: "TestVariablesOfTheProcessHideSecrets",
	39: "TestAWriteIsSeenWhereItWasMade",
	40: "TestTogglesFromSeveralDoorsAllCount",
	41: "TestJobsWhoseNamesBeginAlikeKeepTheirHistory",
	42: "TestWritesAtATickAreNotUndone",
	43: "TestChildrenDoNotWaitForEachOther",
	44: "test/cluster", // a node that cannot be reached
	45: "internal/app", // there are no executor processes to restart
	46: "TestOutputOfAListIsCutToItsEnd",
	47: "TestMetricsCountTheRunsOfAJobOnce",
	48: "TestEveryServerTellsTheSameNext",
	49: "test/cluster", // TestThreeServersStartedColdHaveALeader
	50: "TestWithoutALeaderWritesAreRefusedWithATextAndReadsWork",
	51: "TestANodeThatIsAskedToLeaveLeavesAndExits",
	52: "TestANodeThatIsAskedToLeaveLeavesAndExits",
	53: "test/cluster", // the leader is killed
	54: "test/cluster", // jobs are stored while there is no leader
	55: "internal/config",
	56: "test/cluster", // servers are killed with SIGKILL
}

const lastQuirk = 56

func missingQuirks() []string {
	var problems []string
	for n := 1; n <= lastQuirk; n++ {
		name, ok := quirks[n]
		if _, ran := began.Load(name); !ok || name[:4] == "Test" && !ran {
			problems = append(problems, fmt.Sprintf("Q%d names the test %q, which is none", n, name))
		}
	}
	sort.Strings(problems)
	return problems
}
