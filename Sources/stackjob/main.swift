import Commands

await Stackjob.main()
