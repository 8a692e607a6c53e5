// print: size=1440x960 key=#123a33 spot=#e8a33d seed=91 knock=.6
// Fog on the Sarn: three arches of the bridge, one bus, and no far bank.
#declare Seed=13; #declare Haze=100; #declare HazeTop=60; #declare HazeTone=.93; #declare SkyLow=.93; #declare SkyHigh=.86; #declare SkyBand=.8; #declare SunX=.3; #declare SunY=.9; #declare SunZ=.3; #declare SunLight=.5; #declare Chop=.05; #declare Fill=.25; #declare Ambient=.15;
#include "kit.inc"
#declare Eye=<4,3.0,-30>;
camera{location Eye look_at Eye+<-.08,.115,1> right x*image_width/image_height angle 56}
Water(.16)
// The bridge comes from the right and goes away to the left: piers of stone, arches and railings of iron.
#declare Span=24;
#macro Arch(i)
union{
  difference{ box{<0,0,-4>,<Span,11,4>} cylinder{<Span/2,-6.4,-5>,<Span/2,-6.4,5>,15.2} box{<0.001,-1,-5>,<Span-.001,.2,5>}
    union{#local j=0; #while(j<8) #local a=1.8+j*2.9; #local top=-6.4+sqrt(max(0,16.2*16.2-(a-Span/2)*(a-Span/2))); #if (top<9.4) box{<a-1.1,top,-5>,<a+1.1,9.9,5>} #end #local j=j+1; #end}
    Tone(.03)}
  union{ box{<-2.2,-3,-5.2>,<2.2,8.4,5.2>} box{<-2.6,8.2,-5.6>,<2.6,9.2,5.6>} box{<-1.9,9.2,-5.0>,<1.9,12.2,-3.9>} box{<-2.2,12.0,-5.3>,<2.2,12.5,-3.7>} prism{linear_spline -3,4.4,4,<-2.2,-5.2>,<2.2,-5.2>,<0,-8>,<-2.2,-5.2>}
    #local j=0; #while(j<5) box{<-2.25,.9+j*1.7,-5.25>,<2.25,1.0+j*1.7,5.25> Tone(.002)} #local j=j+1; #end Tone(.07)}
  box{<0,10.8,-4.5>,<Span,11.3,4.5> Tone(.02)}
  #local j=0; #while(j<16) Bar(<j*1.5,11.2,-4.2>,<j*1.5,12.3,-4.2>,.045) #local j=j+1; #end
  Bar(<0,12.3,-4.2>,<Span,12.3,-4.2>,.07) Bar(<0,11.7,-4.2>,<Span,11.7,-4.2>,.035)
  union{Bar(<Span/2,11.2,-4.0>,<Span/2,16.0,-4.0>,.09) Bar(<Span/2,15.9,-4>,<Span/2,16.2,-2.6>,.05) sphere{<Span/2,16.1,-2.5>,.26} Tone(.02)}
  Tone(.02) translate x*i*Span}
#end
union{ #declare i=-1; #while(i<6) Arch(i) #declare i=i+1; #end
  // the bus
  union{ box{<0,.5,-1.2>,<10.5,3.1,1.2>} cylinder{<.1,3.0,0>,<10.4,3.0,0>,1 scale<1,1,1.2> clipped_by{box{<-1,2.9,-2>,<12,3.4,2>}}}
    #declare j=0; #while(j<6) box{<.7+j*1.62,1.55,-1.24>,<2.0+j*1.62,2.6,1.24> Flat(.55)} #declare j=j+1; #end
    cylinder{<2,.5,-1.25>,<2,.5,1.25>,.5} cylinder{<8.4,.5,-1.25>,<8.4,.5,1.25>,.5}
    sphere{<-.05,.95,-.8>,.24 no_shadow Spot(1)} sphere{<-.05,.95,.8>,.24 no_shadow Spot(1)} box{<-.05,1.5,-1.1>,<.1,2.7,1.1> Flat(.5)} box{<8.9,2.72,-1.25>,<10.4,3.0,-1.1> Flat(.9)}
    Tone(.01) translate<37,11.9,1.6>}
  // the closed lane
  #declare j=0; #while(j<6) union{box{<0,.55,-.06>,<2.0,.95,.06> Spot(.95)} Bar(<.2,0,0>,<.2,1.0,0>,.05) Bar(<1.8,0,0>,<1.8,1.0,0>,.05) Tone(.02) translate<10+j*2.6,12.1,-3.3>} #declare j=j+1; #end
  matrix<-1,0,0, 0,1,0, 0,0,1, 0,0,0> rotate y*40 translate<34,0,2>}
Glow(<6.5,12.9,26.3>,1.7,.62)
// A mooring post with its rope, and the stones of the near bank.
union{cylinder{<0,-2,0>,<0,2.7,0>,.34} cone{<0,2.7,0>,.40,<0,3.0,0>,.30} torus{.37,.07 translate y*1.6} torus{.37,.07 translate y*1.75} torus{.37,.07 translate y*1.45} rotate z*4 Tone(.002) translate<-.8,0,-17.5>}
union{cylinder{<0,-2,0>,<0,1.7,0>,.28} rotate z*-7 Tone(.004) translate<-3.6,0,-14>}
Rocks(26,8,20,-22,-14,.6,1.5,.006)
#declare i=0; #while(i<3) Gull(<Between(-14,-4),Between(9,13),Between(0,10)>,Between(.5,.8),Between(-30,30),.05) #declare i=i+1; #end
