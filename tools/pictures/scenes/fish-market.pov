// print: size=1440x960 key=#16324a spot=#e2542f seed=81
// The morning after: stalls in two rows, and the hall behind them with a hole in its roof.
#declare Seed=33; #declare Haze=260; #declare HazeTop=14; #declare SunX=.9; #declare SunY=.55; #declare SunZ=-.25; #declare SunLight=1; #declare SkyLow=.92; #declare SkyHigh=.40; #declare SkyBand=.5; #declare Fill=.18; #declare Ambient=.13;
#include "kit.inc"
#declare Eye=<-1.0,2.7,-15>;
camera{location Eye look_at Eye+<.045,.045,1> right x*image_width/image_height angle 58}
Cloud(-18,12,9,T4) Cloud(14,15,8,T4) Cloud(4,9,5,T4)
plane{y,0 #if (Plate=1) pigment{rgb .42} finish{ambient .12 diffuse .7 reflection{.0,.25 fresnel on}} interior{ior 1.4} #else Flat(0) #end normal{granite .06 scale 2}}
// An awning: stripes from the ridge down to a scalloped edge; dye<0 puts every second stripe in spot ink.
#macro Awning(w,d,hh,dye)
union{
  #local n=11; #local i=0; #while(i<n)
    #local a=-w/2+i*w/n; #local b=a+w/n; #local stripe=mod(i,2);
    union{ polygon{5,<a,hh+.9,d>,<b,hh+.9,d>,<b,hh,0>,<a,hh,0>,<a,hh+.9,d>}
      polygon{6,<a,hh,0>,<b,hh,0>,<b,hh-.28,0>,<(a+b)/2,hh-.40,0>,<a,hh-.28,0>,<a,hh,0>}
      #if (stripe) #if (dye<0) SpotTone(.95) #else Tone(dye) #end #else Tone(.95) #end}
  #local i=i+1; #end
  Bar(<-w/2,hh,0>,<w/2,hh,0>,.035) Bar(<-w/2+.1,0,.05>,<-w/2+.1,hh,.05>,.045) Bar(<w/2-.1,0,.05>,<w/2-.1,hh,.05>,.045) Bar(<-w/2+.1,0,d>,<-w/2+.1,hh+.9,d>,.045) Bar(<w/2-.1,0,d>,<w/2-.1,hh+.9,d>,.045)
  Tone(.02)}
#end
#macro Crates(n) #local i=0; #while(i<n) union{box{<0,0,0>,<.8,.30,.5> Tone(Between(.05,.45))} box{<.05,.28,.05>,<.75,.36,.45> Tone(.75)} box{<0,.10,-.01>,<.8,.13,.51> Tone(.02)} rotate y*Between(-6,6) translate<Between(-1.7,1.1),.0+int(rand(R)*2)*.32,Between(-.5,.2)>} #local i=i+1; #end #end
#macro Stall(dye)
union{ object{Awning(4.6,2.7,2.55,dye)}
  box{<-2.1,.75,.35>,<2.1,.86,1.7> Tone(.5)} box{<-2.0,0,.45>,<2.0,.75,1.6> Tone(.10)}
  #local i=0; #while(i<6) box{<-1.95+i*.67,.86,.4>,<-1.38+i*.67,1.0,1.2> Tone(Between(.25,.9))} #local i=i+1; #end
  Crates(6)}
#end
#declare k=0; #while(k<8)
  object{Stall((k=1?-1:(mod(k,3)=0?.10:.30))) rotate y*90 translate<4.4,0,-8.2+k*5.1> scale<-1,1,1>}
  object{Stall((mod(k,2)=0?.22:.05)) rotate y*90 translate<4.9,0,-10.5+k*5.1>}
#declare k=k+1; #end
// The scales: a hanging pan, near on the right.
union{Bar(<0,0,0>,<0,2.2,0>,.05) Bar(<-.55,2.1,0>,<.55,2.1,0>,.03) cylinder{<0,2.2,-.05>,<0,2.2,.05>,.22} cylinder{<0,2.2,-.06>,<0,2.2,.04>,.18 Flat(T4)} Bar(<0,2.2,-.07>,<.09,2.32,-.07>,.012) Bar(<-.5,2.1,0>,<-.72,1.45,0>,.010) Bar(<-.5,2.1,0>,<-.28,1.45,0>,.010) Bar(<.5,2.1,0>,<.72,1.45,0>,.010) Bar(<.5,2.1,0>,<.28,1.45,0>,.010)
  difference{sphere{<-.5,1.55,0>,.28} box{<-2,1.45,-1>,<2,3,1>}} difference{sphere{<.5,1.55,0>,.28} box{<-2,1.45,-1>,<2,3,1>}} cylinder{0,y*.06,.35} Tone(.006) translate<1.7,0,-8.3>}
union{box{<0,0,0>,<.9,.34,.55>} box{<.1,.36,.02>,<1.0,.70,.57>} box{<-.9,0,.2>,<-.05,.34,.75>} Tone(.012) translate<.9,0,-8.6>}
// The hall: five bays with gables; the roof of the last has gone.
union{
  #declare i=0; #while(i<5) union{
    #if (i<4) difference{prism{linear_spline 0,18,6,<-4.6,0>,<4.6,0>,<4.6,6.4>,<0,9.6>,<-4.6,6.4>,<-4.6,0> rotate -x*90 translate z*18} union{box{<-2.6,-1,-1>,<2.6,3.6,12>} cylinder{<0,3.6,-1>,<0,3.6,12>,2.6} Tone(.03)} Tone(.42)}
      prism{linear_spline -.3,18,7,<-5,6.1>,<0,9.7>,<5,6.1>,<5,6.5>,<0,10.2>,<-5,6.5>,<-5,6.1> rotate -x*90 translate z*18 Tone(.10)}
      cylinder{<0,7.5,-.05>,<0,7.5,.1>,.75 Flat(.02)}
    #else // walls, a torn gable, bare rafters
      difference{prism{linear_spline 0,.6,9,<-4.6,0>,<4.6,0>,<4.6,4.9>,<3.6,5.6>,<2.5,5.1>,<1.6,6.5>,<-.6,7.3>,<-4.6,6.2>,<-4.6,0> rotate -x*90 translate z*.6} union{box{<-2.6,-1,-1>,<2.6,3.6,12>} cylinder{<0,3.6,-1>,<0,3.6,12>,2.6} } Tone(.42)}
      box{<4.1,0,.6>,<4.6,4.4,12> Tone(.3)} box{<-4.6,0,.6>,<-4.2,6.4,18> Tone(.3)}
      #declare j=0; #while(j<7) Bar(<-4.6,6.4,1+j*2.4>,<-.1,9.6,1+j*2.4>,.11) #if (j!=2&j!=3) Bar(<0,9.6,1+j*2.4>,<4.6*(j=1?.35:(j=4?.5:1)),9.6-3.2*(j=1?.35:(j=4?.5:1)),1+j*2.4>,.11) #end #declare j=j+1; #end
      Bar(<0,9.6,1>,<0,9.6,8>,.12) Bar(<-4.6,6.4,.8>,<-4.6,6.4,18>,.1)
      #declare j=0; #while(j<9) box{<-.7,0,-.05>,<.7,.08,.4> rotate<Between(-40,40),Between(0,180),Between(-30,50)> translate<Between(1,4.6),Between(.1,.7),Between(-2,-.4)> Tone(.08)} #declare j=j+1; #end
      Tone(.02)
    #end
    translate<-20+i*9.4,0,33>}
  #declare i=i+1; #end }
object{Spire(30,.5) translate<-16,0,95>} Row(-70,70,80,9,14,.5,0)
#declare i=0; #while(i<7) object{Figure(Between(1.6,1.82),.012,int(rand(R)*3.9)) rotate y*Between(-30,30) translate<Between(-1.9,2.0),0,6+i*2.9>} #declare i=i+1; #end
#declare i=0; #while(i<8) Gull(<Between(-9,14),Between(9,15),Between(14,30)>,Between(.5,.9),Between(-30,30),.02) #declare i=i+1; #end
