package effective

// Models are all that there are: one line for each controller.
func Models() []Model {
	return []Model{
		gatewayModel(),
		glooModel(),
		nginxModel(),
		traefikModel(),
		traefikRoutesModel(),
	}
}
