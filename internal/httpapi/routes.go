package httpapi

import (
	"slices"

	"dkron/internal/apidoc"
	"dkron/internal/httpserver"
)

type endpoint = httpserver.Endpoint

// route is a httpserver.Route. A path whose answer may be a stream is in streams too.
type route struct {
	path    string
	methods map[string]endpoint
	bare    bool
}

// routes is the whole API.
func (a *api) routes() []route {
	status := map[string]endpoint{"GET": a.getStatus}
	docs := apidoc.Docs{Version: a.Version}
	routes := []route{
		{"/health", map[string]endpoint{"GET": a.getHealth}, true},
		{"/ready", map[string]endpoint{"GET": a.getReady}, true},
		{"/debug/vars", map[string]endpoint{"GET": a.getVars}, false},
		{"/v1", status, false},
		{"/v1/{$}", status, false},
		{"/v1/members", map[string]endpoint{"GET": a.getMembers}, false},
		{"/v1/cluster", map[string]endpoint{"GET": a.getCluster}, false},
		{"/v1/nodes", map[string]endpoint{"GET": a.getNodes}, false},
		{"/v1/leader", map[string]endpoint{"GET": a.getLeader}, false},
		{"/v1/isleader", map[string]endpoint{"GET": a.getIsLeader}, false},
		{"/v1/leave", map[string]endpoint{"POST": a.leave}, false},
		{"/v1/busy", map[string]endpoint{"GET": a.getBusy}, false},
		{"/v1/pause", map[string]endpoint{"GET": a.getPause, "POST": a.pause}, false},
		{"/v1/unpause", map[string]endpoint{"POST": a.unpause}, false},
		{"/v1/settings", map[string]endpoint{"GET": a.getSettings, "PUT": a.putSettings}, false},
		{"/v1/export", map[string]endpoint{"GET": a.export}, false},
		{restorePath, map[string]endpoint{"POST": a.restore}, false},
		{"/v1/stats", map[string]endpoint{"GET": a.getStats}, false},
		{"/v1/stats/minutes", map[string]endpoint{"GET": a.getMinutes}, false},
		{"/v1/jobs", map[string]endpoint{"GET": a.listJobs, "POST": a.setJob, "PATCH": a.setJob}, false},
		{"/v1/jobs/{job}", map[string]endpoint{"GET": a.getJob, "POST": a.runJob, "PUT": a.setJob, "DELETE": a.deleteJob}, false},
		{"/v1/jobs/{job}/run", map[string]endpoint{"POST": a.runJob}, false},
		{"/v1/jobs/{job}/stop", map[string]endpoint{"POST": a.stopJob}, false},
		{"/v1/jobs/{job}/toggle", map[string]endpoint{"POST": a.toggleJob}, false},
		{"/v1/jobs/{job}/executions", map[string]endpoint{"GET": a.listExecutions, "DELETE": a.clearExecutions}, false},
		{"/v1/jobs/{job}/executions/{id}", map[string]endpoint{"GET": a.getExecution}, false},
		{outputPath, map[string]endpoint{"GET": a.getOutput}, false},
		{"/v1/jobs/{job}/executions/{id}/stop", map[string]endpoint{"POST": a.stopExecution}, false},
		{"/v1/executions", map[string]endpoint{"GET": a.listAllExecutions}, false},
		{"/v1/executions/nodes", map[string]endpoint{"GET": a.getExecutionNodes}, false},
		{eventsPath, map[string]endpoint{"GET": a.getEvents}, false},
		{"/v1/jobs/{job}/versions", map[string]endpoint{"GET": a.listVersions}, false},
		{"/v1/jobs/{job}/versions/{revision}", map[string]endpoint{"GET": a.getVersion}, false},
		{"/v1/jobs/{job}/versions/{revision}/revert", map[string]endpoint{"POST": a.revert}, false},
		{"/v1/jobs/{job}/preview", map[string]endpoint{"GET": a.previewJob}, false},
		{"/v1/jobs/{job}/related", map[string]endpoint{"GET": a.getRelated}, false},
		{"/v1/jobs/{job}/stats", map[string]endpoint{"GET": a.getJobStats}, false},
		{"/v1/objectives", map[string]endpoint{"GET": a.listObjectives}, false},
		{"/v1/due", map[string]endpoint{"GET": a.getDue}, false},
		{"/v1/due/jobs", map[string]endpoint{"GET": a.getDueJobs}, false},
		{"/v1/due/minutes", map[string]endpoint{"GET": a.getDueMinutes}, false},
		{"/v1/suggestions", map[string]endpoint{"GET": a.getSuggestions}, false},
		{"/v1/preview", map[string]endpoint{"POST": a.preview}, false},
		{"/v1/openapi.yaml", map[string]endpoint{"GET": docs.YAML}, false},
		{"/v1/openapi.json", map[string]endpoint{"GET": docs.JSON}, false},
		{"/docs/{$}", map[string]endpoint{"GET": docs.Page}, false},
		{"/docs/{file}", map[string]endpoint{"GET": docs.Page}, false},
	}
	routes = slices.Concat(routes, a.launchRoutes(), a.pluginRoutes(), a.otherRoutes())
	if a.Metrics != nil {
		routes = append(routes, route{"/metrics", map[string]endpoint{"GET": a.getMetrics}, false})
	}
	return routes
}

// otherRoutes is the part of the API that other rooms have.
func (a *api) otherRoutes() (routes []route) {
	for _, r := range a.Routes {
		routes = append(routes, route{r.Path, r.Methods, r.Bare})
	}
	return routes
}

// launchRoutes is the part of the API that is about launches.
func (a *api) launchRoutes() []route {
	return []route{
		{"/v1/jobs/{job}/launches", map[string]endpoint{"GET": a.listLaunches, "POST": a.launchJob}, false},
		{"/v1/launches", map[string]endpoint{"GET": a.listAllLaunches}, false},
		{"/v1/launches/jobs", map[string]endpoint{"GET": a.getLaunchJobs}, false},
		{"/v1/launches/rerun", map[string]endpoint{"POST": a.rerunLaunches}, false},
		{"/v1/launches/stop", map[string]endpoint{"POST": a.stopLaunches}, false},
		{"/v1/reruns", map[string]endpoint{"GET": a.listReruns}, false},
		{"/v1/reruns/{number}", map[string]endpoint{"GET": a.getRerun}, false},
		{"/v1/reruns/{number}/stop", map[string]endpoint{"POST": a.stopRerun}, false},
		{"/v1/launches/{id}/rerun", map[string]endpoint{"POST": a.rerunLaunch}, false},
		{"/v1/launches/{id}", map[string]endpoint{"GET": a.getLaunch}, false},
		{"/v1/launches/{id}/stop", map[string]endpoint{"POST": a.stopLaunch}, false},
		{checkInPath, map[string]endpoint{"POST": a.checkIn}, false},
	}
}

// pluginRoutes is the part of the API that is about executors and processors, built in or not.
func (a *api) pluginRoutes() []route {
	return []route{
		{"/v1/processors", map[string]endpoint{"GET": a.getProcessors}, false},
		{"/v1/executors", map[string]endpoint{"GET": a.getExecutors}, false},
		{"/v1/plugins", map[string]endpoint{"GET": a.getPlugins}, false},
		{"/v1/nodes/{node}/plugins/{kind}/{name}/restart", map[string]endpoint{"POST": a.restartPlugin}, false},
		{"/v1/jobs/{job}/processors", map[string]endpoint{"GET": a.getJobProcessors}, false},
	}
}
